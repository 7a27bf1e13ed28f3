"""Passes issues that nobody acknowledged further up, as the worker does every minute; or only says
what it would do.
"""

from django.core.management import BaseCommand
from django.utils import timezone

from issues.models import Issue
from issues.services.escalation import next_superior, pass_up


class Command(BaseCommand):
    help = "Tells the next superiors of issues that nobody acknowledged; --dry-run lists them."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="tell nobody, list")

    def handle(self, *, dry_run, **options):
        now = timezone.now()
        if dry_run:
            self.foretell(now)
        else:
            self.stdout.write(f"{pass_up(now)} superiors told")

    def foretell(self, now):
        """Which issue would be passed up to whom."""
        for issue in Issue.objects.to_pass_up(now).select_related("task__department"):
            superior = next_superior(issue, issue.escalations.all())
            if superior:
                self.stdout.write(f"{superior} <{superior.person.email}>  {issue.task}  {issue}")
