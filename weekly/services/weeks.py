"""Opens each week of running tasks: the row of its roll-up, and what is owed for it."""

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from deadlines import kinds
from deadlines.models import Deadline
from deadlines.policies import week_of
from deadlines.services import keep_duties
from deadlines.terms import Terms
from tasks.choices import Stage
from tasks.models import ProgressUpdate, Subtask, Task
from tasks.policies import WEEK
from tasks.workflow import WORK_OPEN
from weekly.models import WeeklySync
from weekly.services.batches import in_batches
from weekly.weeks import weeks_of_task

# Tasks in one transaction: a person's form waits for no longer than this takes.
BATCH = 10
# What nobody sent for so long after its noon is not issued by itself any more, when the system
# was away or is new.
CATCH_UP = 2 * WEEK
# Whose noon may still move with the calendar, before nothing is issued of them.
LOOK_BACK = 4 * WEEK


def open_weeks(now: dt.datetime) -> int:
    """Opens the week it is now for every running task, and weeks that were missed.

    Weeks begin without anybody acting. Returns how many tasks had something to open: none, when
    called again. A batch is a transaction of its own, so nobody waits for all of them. Raises
    SomeFailed once all others are open.
    """
    terms = Terms.current(now)
    keep_noons(terms)
    waiting = _tasks_without(week_of(terms.today)).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True))
    return in_batches(ids, lambda batch: _open_weeks_of(batch, now), BATCH)


def keep_noons(terms: Terms) -> None:
    """Moves the noon at which a week is issued where the calendar or the zone has changed."""
    week = week_of(terms.today) - LOOK_BACK
    while week <= week_of(terms.today):
        noon = terms.monday_noon(week).at
        unissued = WeeklySync.objects.filter(
            week=week, sent_at=None, issue_at__isnull=False, reports=None
        )
        unissued.exclude(issue_at=noon).update(issue_at=noon)
        week += WEEK


def week_row(task: Task, week: dt.date, terms: Terms) -> WeeklySync:
    """The row of a week of a locked task, opened where it is not yet."""
    noon = terms.monday_noon(week).at
    return WeeklySync.objects.get_or_create(task=task, week=week, defaults={"issue_at": noon})[0]


def _tasks_without(week):
    """Running tasks that owe something for this week of which there is no row yet."""
    begun = Q(start_date__lt=week + WEEK)
    row = WeeklySync.objects.filter(task=OuterRef("pk"), week=week)
    sent = row.filter(sent_at__isnull=False)
    reported = ProgressUpdate.objects.filter(subtask=OuterRef("pk"), week=week)
    silent = Subtask.objects.open().filter(
        begun, ~Exists(reported), ~Exists(_owed("progress_update", week)), task=OuterRef("pk")
    )
    unsent = begun & (~Exists(row) | (~Exists(sent) & ~Exists(_owed("weekly_sync", week))))
    return Task.objects.filter(unsent | Exists(silent), stage=Stage.EXECUTION)


def _owed(kind, week):
    """The open rows of a weekly kind for one week, for the subject of an outer query."""
    label = kinds.get(kind).model._meta.label_lower
    rows = Deadline.objects.open().filter(kind=kind, period=week.isoformat())
    return rows.filter(subject_type=label, subject_id=OuterRef("pk"))


@transaction.atomic
def _open_weeks_of(ids, now):
    """Locked as every act locks its task: nobody finishes one meanwhile."""
    tasks = Task.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    subtasks = Subtask.objects.open().filter(task__in=ids)
    terms = Terms.current(now)
    for task in tasks:
        if task.stage in WORK_OPEN:
            _open_rows(task, terms)
    keep_duties(*tasks, *subtasks, now=now)
    return len(ids)


def _open_rows(task, terms):
    there = set(task.weekly_syncs.values_list("week", flat=True))
    missing = [week for week in weeks_of_task(task, terms) if week not in there]
    WeeklySync.objects.bulk_create(
        WeeklySync(task=task, week=week, issue_at=_noon_to_come(week, terms)) for week in missing
    )


def _noon_to_come(week, terms) -> dt.datetime | None:
    noon = terms.monday_noon(week).at
    return noon if terms.now - noon <= CATCH_UP else None
