"""What the worker does every hour."""

from celery import shared_task
from django.utils import timezone

from tasks.services import weekly


@shared_task
def open_weeks() -> int:
    return weekly.open_weeks(timezone.now())
