"""Writes down who may do what, as docs/permissions.md has it."""

from django.core.management.base import BaseCommand

from coordination.permission_tables import written_down


class Command(BaseCommand):
    help = "Prints the permission tables: manage.py permissions > docs/permissions.md"

    def handle(self, **options):
        self.stdout.write(written_down(), ending="")
