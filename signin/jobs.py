"""What the night does: sessions that have expired are forgotten."""

from celery import shared_task
from django.utils import timezone

from deadlines.runs import recorded
from signin.services.sessions import clear_expired


@shared_task
@recorded("clear_sessions")
def clear_sessions() -> dict[str, int]:
    return {"removed": clear_expired(timezone.now())}
