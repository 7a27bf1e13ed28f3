"""What the worker does for the weekly rhythm: every minute what is to be issued, every hour the
weeks that have begun and what endangers a task."""

from celery import shared_task
from django.utils import timezone

from deadlines.runs import recorded
from weekly.services import issuing, warnings, weeks


@shared_task
@recorded("open_weeks")
def open_weeks() -> dict[str, int]:
    return {"opened": weeks.open_weeks(timezone.now())}


@shared_task
@recorded("issue")
def issue() -> dict[str, int]:
    return {"issued": issuing.issue_due(timezone.now())}


@shared_task
@recorded("watch_recent")
def watch_recent() -> dict[str, int]:
    return {"raised": warnings.watch_recent(timezone.now())}


@shared_task
@recorded("watch")
def watch() -> dict[str, int]:
    return {"raised": warnings.watch_all(timezone.now())}
