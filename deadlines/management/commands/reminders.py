"""Writes the reminders that are due, as the worker does every minute; or says what it would do."""

import datetime as dt

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from deadlines import kinds
from deadlines.sweep import due, leave_at, plan, sweep
from deadlines.terms import Terms
from deadlines.wording import how_computed

MINUTE = dt.timedelta(minutes=1)


class Command(BaseCommand):
    help = "Writes the reminders that are due; --dry-run lists who would be told what, and why."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="write nothing, list")
        parser.add_argument(
            "--at", type=moment, help="with --dry-run: what the run at 2026-11-23T12:00+08:00 sends"
        )

    def handle(self, *, dry_run, at, **options):
        if at and not dry_run:
            raise CommandError("--at needs --dry-run: reminders are never sent ahead.")
        if dry_run:
            self.foretell(timezone.now(), at)
        else:
            done = sweep(timezone.now())
            self.stdout.write(f"{done.deadlines} deadlines, {done.reminders} reminders")

    def foretell(self, now, at):
        """What the run at a moment would send. One in the future finds what became due in its
        minute only: the runs until then have told the rest.
        """
        terms = Terms.current(at or now)
        since = at - MINUTE if at and at > now else None
        with timezone.override(terms.zone):
            reminders = plan(due(terms.now).iterator(chunk_size=500), terms, since=since)
            leaving = leave_at(reminders, terms)
            for reminder in sorted(reminders, key=lambda r: (r.recipient.name, r.deadline.due_at)):
                self.stdout.write(line(reminder, leaving[reminder.recipient_id]))
            self.stdout.write(f"{len(reminders)} reminders in {len(leaving)} mails")


def line(reminder, leaves) -> str:
    """To whom, when, what, due when and why so, and why this person."""
    deadline = reminder.deadline
    why = f"{reminder.role} for {reminder.on_behalf_of}" if reminder.on_behalf_of else reminder.role
    return " | ".join(
        [
            f"{reminder.recipient} <{reminder.recipient.email}>",
            f"leaves {written(leaves)}",
            f"{kinds.get(deadline.kind).label} {reminder.step}",
            f"{deadline.what} ({deadline.context})" if deadline.context else deadline.what,
            f"due {written(deadline.due_at)}: {how_computed(deadline)}",
            f"as {why}; owed by {deadline.owner}",
        ]
    )


def written(value) -> str:
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M %z}"


def moment(text: str):
    """A moment with its offset; the name of this function is what argparse calls nonsense."""
    found = parse_datetime(text)
    if found is None or found.tzinfo is None:
        raise ValueError
    return found
