"""What the worker does every minute for issues."""

from celery import shared_task
from django.utils import timezone

from issues.services import escalation


@shared_task
def pass_up() -> dict[str, int]:
    return {"told": escalation.pass_up(timezone.now())}
