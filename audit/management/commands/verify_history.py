"""Checks the history against its seals, and the archives; names whatever is not what it was."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from audit.models import Event, Seal
from audit.verification import find_noted, verify

TELL_EVERY = 5  # seconds


class Command(BaseCommand):
    help = "Checks the history against its seals, and the archives; fails if anything was changed."

    def add_arguments(self, parser):
        parser.add_argument(
            "--noted",
            action="append",
            default=[],
            metavar="12-3f0c9a",
            help="a seal named on an export: does it still stand?",
        )

    def handle(self, *, noted, **options):
        began = self.told = time.monotonic()
        self.checked = self.found = 0
        for seal in noted:
            self.tell(find_noted(seal))
        for step in verify():
            self.tell(step.findings)
            self.go_on(step.checked)
        if self.found:
            words = _("Found: %(number)d. What is named above is not what was written.")
            raise CommandError(words % {"number": self.found})
        self.stdout.write(
            _("All is as it was written: %(number)d rows checked in %(seconds).1f s.")
            % {"number": self.checked, "seconds": time.monotonic() - began}
        )
        self.stdout.write(last_seal())

    def tell(self, findings):
        for finding in findings:
            self.found += 1
            about = f" [{finding.about}]" if finding.about else ""
            self.stderr.write(f"{finding}{about}")

    def go_on(self, checked):
        self.checked += checked
        if time.monotonic() - self.told > TELL_EVERY:
            self.told = time.monotonic()
            self.stdout.write(f"{self.checked} …")


def last_seal() -> str:
    """The newest seal, to be noted somewhere else, and how much is not sealed yet."""
    seal = Seal.objects.first()
    newer = Event.objects.filter(pk__gt=seal.last_id if seal else 0).count()
    words = _("Last seal: %(seal)s. Entries not sealed yet: %(number)d.")
    return words % {"seal": seal or "–", "number": newer}
