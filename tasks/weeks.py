"""The weeks of a task: which owe a roll-up (R17), and what each subtask reported in one (R16)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch

from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks.models import ProgressUpdate, Subtask, Task
from tasks.policies import WEEK, weeks_of_work


def this_week(now: dt.datetime) -> dt.date:
    """The Monday of the week it is now in the organisation's zone."""
    return week_of(Terms.current(now).today)


def weeks_of_task(task: Task, terms: Terms) -> list[dt.date]:
    """The Mondays of the weeks in which the task is or was at work, oldest first.

    From the week of the confirmation or of the start, whichever is later, to the week it is now;
    once the work has ended, to the week in which it did. Each owes one weekly sync.
    """
    return _weeks(task, task.start_date, terms)


def weeks_of_subtask(subtask: Subtask, terms: Terms) -> list[dt.date]:
    """The weeks in which an open subtask is or was at work; each owes a progress update (R16).

    From the week of the confirmation or of its own start, whichever is later.
    """
    return _weeks(subtask.task, subtask.start_date, terms)


def _weeks(task, start, terms):
    if task.confirmed_at is None:
        return []
    first = max(terms.local_day(task.confirmed_at), start)
    return weeks_of_work(first, terms.local_day(task.finished_at or task.ended_at or terms.now))


def weeks_to_send(task: Task, terms: Terms) -> list[dt.date]:
    """The weeks of work whose roll-up was not sent yet, oldest first (R17, R24).

    The week it is now is among them while the work goes on: it is owed, though not due yet.
    """
    sent = {sync.week for sync in task.weekly_syncs.all()}
    return [week for week in weeks_of_task(task, terms) if week not in sent]


@dataclass(frozen=True)
class WeekRow:
    """One subtask in one week; without an update nothing is known, which is not 0 %."""

    subtask: Subtask
    update: ProgressUpdate | None
    awaited: bool
    """Whether the subtask was at work in this week, and so owed an update."""

    @property
    def deviation(self) -> int:
        """Actual less planned, in percent; negative when behind."""
        return self.update.actual - self.update.planned if self.update else 0

    @property
    def behind(self) -> int:
        return max(-self.deviation, 0)

    @property
    def ahead(self) -> int:
        return max(self.deviation, 0)


def rows_of_week(task: Task, week: dt.date, terms: Terms) -> list[WeekRow]:
    """The live subtasks in a week, in two statements.

    Those that lag come first, the furthest behind at the top, then those that did not report.
    """
    updates = Prefetch("progress", ProgressUpdate.objects.filter(week=week), to_attr="of_week")
    subtasks = task.subtasks.live().select_related("department", "owner")
    rows = [_row(subtask, week, terms) for subtask in subtasks.prefetch_related(updates)]
    return sorted(rows, key=lambda r: (-r.behind, not r.awaited or r.update is not None))


def _row(subtask, week, terms):
    next_week = week + WEEK
    finished = subtask.done_at and terms.local_day(subtask.done_at) < next_week
    awaited = subtask.start_date < next_week and not finished
    return WeekRow(subtask, next(iter(subtask.of_week), None), awaited)
