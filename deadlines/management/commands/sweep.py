"""Turns what is due into mails, as the worker does every minute; or only says what it would do."""

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from deadlines.sweep import due, plan, sweep


class Command(BaseCommand):
    help = "Writes the reminders that are due; --dry-run lists them."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="write nothing, list")
        parser.add_argument("--at", type=moment, help="with --dry-run: at 2024-10-15T09:00+08:00")

    def handle(self, *, dry_run, at, **options):
        if at and not dry_run:
            raise CommandError("--at needs --dry-run: reminders are never sent ahead.")
        if dry_run:
            self.foretell(at or timezone.now())
        else:
            done = sweep(timezone.now())
            self.stdout.write(f"{done.deadlines} deadlines, {done.reminders} reminders")

    def foretell(self, now):
        """What would be sent, to whom and why."""
        for reminder in plan(due(now), now):
            deadline = reminder.deadline
            self.stdout.write(
                f"{reminder.recipient} <{reminder.recipient.email}>  {deadline.kind}/"
                f"{reminder.step}  {deadline.what}  due {deadline.due_at:%Y-%m-%d %H:%M %Z}  "
                f"owed by {deadline.owner}"
            )


def moment(text: str):
    """A moment with its offset; the name of this function is what argparse calls nonsense."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError
    return found
