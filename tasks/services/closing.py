"""The way from work to review and back. Archiving itself belongs to records."""

from django.db import transaction

from tasks import permissions
from tasks.models import Task
from tasks.services.drafting import require_reason
from tasks.services.initiation import move_task
from tasks.services.shared import (
    keep_duties_of,
    lock_task,
    remember_pause,
    tell_everybody,
)
from tasks.workflow import TRANSITIONS


@transaction.atomic
def finish_task(*, task, by, now) -> Task:
    """The work is done: the review begins (R24, R25)."""
    task = lock_task(task, stages=TRANSITIONS["finish"][0])
    permissions.TASK.require(by, "finish", task)
    event = move_task(task, "finish", by=by, now=now, finished_at=now)
    keep_duties_of(task, now)
    tell_everybody(task, event, now)
    return task


@transaction.atomic
def resume_task(*, task, by, now, reason) -> Task:
    """Back to work, for a reason: something was not finished after all."""
    task = lock_task(task, stages=TRANSITIONS["resume"][0])
    permissions.TASK.require(by, "resume", task)
    require_reason(reason)
    ended_at = task.finished_at
    event = move_task(task, "resume", by=by, now=now, reason=reason, finished_at=None)
    remember_pause(task, ended_at, now)
    keep_duties_of(task, now)
    tell_everybody(task, event, now)
    return task
