"""Which weeks owe a roll-up (R17), and which of them were never sent."""

import datetime as dt

from django.utils import timezone

from accounts.models import Organisation
from tasks.choices import Stage
from tasks.models import Task
from tasks.policies import weeks_of_work
from tasks.workflow import WORK_OPEN


def weeks_of_task(task: Task, now: dt.datetime) -> list[dt.date]:
    """The Mondays of the weeks in which the task is or was at work, oldest first.

    From the week of the confirmation or of the start, whichever is later, to the week it is now;
    once the work is finished, to the week in which it ended. Each owes one weekly sync.
    """
    if task.confirmed_at is None or task.stage not in (*WORK_OPEN, Stage.ARCHIVED):
        return []
    zone = Organisation.current().zone
    first = max(timezone.localdate(task.confirmed_at, zone), task.start_date)
    return weeks_of_work(first, timezone.localdate(task.finished_at or now, zone))


def weeks_without_sync(task: Task, now: dt.datetime) -> list[dt.date]:
    """The weeks of work whose roll-up was not sent, oldest first (R17, R24).

    The week it is now is among them while the work goes on: it is owed, though not due yet.
    """
    sent = {sync.week for sync in task.weekly_syncs.all()}
    return [week for week in weeks_of_task(task, now) if week not in sent]
