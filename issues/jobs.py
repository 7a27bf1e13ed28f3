"""What the worker does every minute for issues."""

from celery import shared_task
from django.utils import timezone

from deadlines.runs import recorded
from issues.services import escalation


@shared_task
@recorded("pass_up")
def pass_up() -> dict[str, int]:
    return {"told": escalation.pass_up(timezone.now())}
