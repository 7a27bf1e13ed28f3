from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from coordination import demo


class Command(BaseCommand):
    help = "Loads the demo company into an empty installation."

    @transaction.atomic
    def handle(self, **options):
        if not demo.load(timezone.now()):
            self.stdout.write("Somebody exists already: the demo is not loaded.")
