"""What one statement tells of the whole system: whether time passes, whether mails leave."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, Subquery

from deadlines.models import Message, Run

SWEEP = "sweep"
NEXT_MAIL = ["next_attempt_at", "attempts", "last_error"]


@dataclass(frozen=True)
class Pulse:
    """Moments are None where there is none."""

    swept_at: dt.datetime | None = None
    mail_due_at: dt.datetime | None = None
    """When the mail that is next to leave was to leave."""
    mail_attempts: int | None = None
    mail_error: str | None = None
    failed_at: dt.datetime | None = None
    """When the newest of the mails that failed for good was written."""
    job_failed: bool = False


def take_pulse() -> Pulse:
    """One statement, each part of it by an index. Before the first sweep nothing is known."""
    next_mail = Message.objects.waiting().order_by("next_attempt_at")
    newest_failed = Message.objects.failed().order_by("-pk")
    parts = [
        "began_at",
        *(Subquery(next_mail.values(name)[:1]) for name in NEXT_MAIL),
        Subquery(newest_failed.values("created_at")[:1]),
        Exists(Run.objects.exclude(error="")),
    ]
    row = Run.objects.filter(job=SWEEP).values_list(*parts).first()
    return Pulse(*row) if row else Pulse()
