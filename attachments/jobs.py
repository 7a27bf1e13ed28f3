"""What the worker does every night."""

from celery import shared_task
from django.utils import timezone

from attachments import upkeep
from deadlines.runs import recorded


@shared_task
@recorded("sweep_files")
def sweep_files() -> dict[str, int]:
    swept = upkeep.sweep_files(timezone.now())
    return {"removed": len(swept.removed), "missing": len(swept.missing)}
