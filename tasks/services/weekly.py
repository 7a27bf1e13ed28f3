"""Stage 3: the initiating department rolls up the week and sends it to every head (R17)."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from audit import history
from coordination.errors import DomainError
from coordination.words import listing
from deadlines.policies import late_by, week_of
from deadlines.services import tell
from tasks import permissions
from tasks.models import Task, WeeklySync
from tasks.services.progress import WeekInFuture
from tasks.services.shared import heads_of, lock_task
from tasks.weeks import rows_of_week, this_week, weeks_of_task
from tasks.workflow import WORK_OPEN


class NotAtWork(DomainError):
    code = "not_at_work"
    message = _("The task was not at work in this week.")


class AlreadySent(DomainError):
    code = "already_sent"
    message = _("The weekly sync of this week was sent before. It stands as it was sent.")
    status = 409


class SummaryMissing(DomainError):
    code = "summary_missing"
    message = _("Say in a few words what happened this week.")


class LaggingNotNamed(DomainError):
    """R17: the roll-up names every subtask that lags."""

    code = "lagging_not_named"

    def __init__(self, subtasks):
        message = _("Say what each lagging subtask needs from whom: %(names)s.")
        super().__init__(message % {"names": listing(subtasks)}, field="resources")


@transaction.atomic
def send_weekly_sync(*, task, week, by, now, summary, resources) -> WeeklySync:
    """Sends the roll-up of one week to the head of every department in the task, once (R17).

    `week` is any day of a week of work that has begun; `resources` names every lagging subtask
    and what must be coordinated for it. Late is whatever is sent after noon of the next Monday,
    and stays so.
    """
    task = lock_task(task, stages=WORK_OPEN)
    permissions.TASK.require(by, "send_sync", task)
    week = _check_week(task, week, now)
    _check_words(task, week, summary, resources)
    sync = WeeklySync.objects.create(
        task=task,
        week=week,
        summary=summary.strip(),
        resources_needed=resources.strip(),
        sent_by=by,
        sent_at=now,
        late_by=late_by(sync_due(week), now),
    )
    event = history.record(sync, "weekly_sync.sent", by=by, now=now)
    tell(event=event, people=heads_of(task), link=sync.get_absolute_url(), now=now, task=task)
    return sync


def sync_due(week: dt.date) -> dt.datetime:
    """Noon of the Monday after the week, in the organisation's zone."""
    monday = week + dt.timedelta(weeks=1)
    return dt.datetime.combine(monday, dt.time(12), Organisation.current().zone)


def readers_of(task: Task, by) -> list:
    """Who is told when `by` sends the week: every department head, once, but not the sender."""
    heads = {head.pk: head for head in heads_of(task) if head.is_active}
    heads.pop(by.pk, None)
    return list(heads.values())


def _check_week(task, week, now):
    week = week_of(week)
    if week > this_week(now):
        raise WeekInFuture
    if week not in weeks_of_task(task, now):
        raise NotAtWork
    if task.weekly_syncs.filter(week=week).exists():
        raise AlreadySent
    return week


def _check_words(task, week, summary, resources):
    if not summary.strip():
        raise SummaryMissing(field="summary")
    lagging = [row.subtask for row in rows_of_week(task, week) if row.behind]
    unnamed = [subtask for subtask in lagging if subtask.name not in resources]
    if unnamed:
        raise LaggingNotNamed(unnamed)
