"""Sends the mails that wait, as the worker does; or only lists them."""

from django.core.management import BaseCommand
from django.utils import timezone

from deadlines.delivery import deliver
from deadlines.mails import compose
from deadlines.models import Message
from deadlines.told import Withdrawn


class Command(BaseCommand):
    help = "Sends the mails that are due; --dry-run lists them."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="send nothing, list")

    def handle(self, *, dry_run, **options):
        if dry_run:
            self.foretell(timezone.now())
        else:
            self.stdout.write(str(deliver()))

    def foretell(self, now):
        """To whom each mail would go with which subject, or why it would not."""
        for message in Message.objects.to_deliver(now).select_related("recipient"):
            try:
                words = compose(message, now).subject
            except Withdrawn as withdrawn:
                words = f"cancelled: {withdrawn.reason}"
            self.stdout.write(f"{message.recipient} <{message.recipient.email}>  {words}")
