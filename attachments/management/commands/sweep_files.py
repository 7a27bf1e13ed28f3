"""`manage.py sweep_files`: what the night does, now."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from attachments.models import Attachment
from attachments.upkeep import sweep_files


class Command(BaseCommand):
    help = "Removes stored bytes that no attachment needs; names attachments without their bytes."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *, dry_run, **options):
        swept = sweep_files(timezone.now(), dry_run=dry_run)
        for name in swept.removed:
            self.stdout.write(f"removed {name}" if not dry_run else f"would remove {name}")
        for row in Attachment.objects.filter(pk__in=swept.missing).select_related("task"):
            self.stdout.write(f"missing: {row.pk} {row.name} ({row.task}), SHA-256 {row.sha256}")
        self.stdout.write(f"{len(swept.removed)} without a row, {len(swept.missing)} missing.")
