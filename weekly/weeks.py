"""The weeks of a task: which owe a roll-up (R17), and which a report of a subtask (R16)."""

import datetime as dt

from deadlines.terms import Terms
from tasks.models import Subtask, Task
from tasks.policies import WEEK, weeks_of_work


def weeks_of_task(task: Task, terms: Terms) -> list[dt.date]:
    """The Mondays of the weeks in which the task is or was at work, oldest first.

    From the week of the confirmation or of the start, whichever is later, to the week it is now;
    once the work has ended, to the week in which it did. Each owes one weekly sync; none that lay
    between an end and a resumption.
    """
    paused = _between(task.pauses, 1)
    return [week for week in _weeks(task, task.start_date, terms) if week not in paused]


def weeks_of_subtask(subtask: Subtask, terms: Terms) -> list[dt.date]:
    """The weeks in which an open subtask is or was at work; each owes a progress update (R16).

    From the week of the confirmation or of its own start, whichever is later; without those in
    which it, or the task, had been finished.
    """
    paused = _between([*subtask.task.pauses, *subtask.pauses], 0)
    found = _weeks(subtask.task, subtask.start_date, terms)
    return [week for week in found if week not in paused]


def _weeks(task, start, terms):
    if task.confirmed_at is None:
        return []
    first = max(terms.local_day(task.confirmed_at), start)
    return weeks_of_work(first, terms.local_day(task.finished_at or task.ended_at or terms.now))


def _between(pauses, first) -> set[dt.date]:
    """The weeks of pauses, without the one in which the work was taken up again; `first`: from the
    week in which it ended (0: that owes no progress) or the one after it (1).
    """
    spans = [map(dt.date.fromisoformat, pause) for pause in pauses]
    return {week for ended, again in spans for week in weeks_of_work(ended, again)[first:-1]}


def weeks_to_send(task: Task, terms: Terms) -> list[dt.date]:
    """The weeks of work whose roll-up the initiating department has not sent, oldest first
    (R17, R24); what was issued without it counts as not sent.

    The week it is now is among them while the work goes on: it is owed, though not due yet.
    """
    sent = {sync.week for sync in task.weekly_syncs.all() if sync.sent_at}
    return [week for week in weeks_of_task(task, terms) if week not in sent]


def may_be_sent_from(week: dt.date, terms: Terms) -> dt.date:
    """The first day on which a week can be rolled up: its Friday, or the last working day before
    where that is a day off.
    """
    days = [week + dt.timedelta(days=n) for n in range(5)]
    working = [day for day in days if terms.calendar.is_working(day)]
    return working[-1] if working else days[-1]


def opens_on(task: Task, week: dt.date, terms: Terms) -> dt.date | None:
    """The day from which a week of the task can be sent; None: it can. Once the work has ended,
    nothing more is waited for.
    """
    first = may_be_sent_from(week, terms)
    return first if terms.today < first and task.finished_at is None else None


def in_words(week: dt.date) -> str:
    """A week by its first and last day, in no language."""
    return f"{week.isoformat()} – {(week + WEEK - dt.timedelta(days=1)).isoformat()}"
