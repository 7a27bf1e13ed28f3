"""What the worker does every hour."""

from celery import shared_task
from django.utils import timezone

from deadlines.runs import recorded
from tasks.services import weekly


@shared_task
@recorded("open_weeks")
def open_weeks() -> dict[str, int]:
    return {"opened": weekly.open_weeks(timezone.now())}
