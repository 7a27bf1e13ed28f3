"""Stage 3: the initiating department rolls up the week and sends it to every head (R17)."""

import datetime as dt
from itertools import pairwise

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError
from coordination.words import listing
from deadlines import kinds
from deadlines.models import Deadline
from deadlines.policies import late_by, week_of
from deadlines.services import keep_duties, tell
from deadlines.terms import Terms
from tasks import permissions
from tasks.choices import Stage
from tasks.models import ProgressUpdate, Subtask, Task, WeeklySync
from tasks.policies import WEEK
from tasks.services.progress import WeekInFuture
from tasks.services.shared import heads_of, lock_task
from tasks.weeks import rows_of_week, weeks_of_task
from tasks.workflow import WORK_OPEN

BATCH = 100


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
    terms = Terms.current(now)
    week = _check_week(task, week, terms)
    _check_words(task, week, summary, resources, terms)
    sync = WeeklySync.objects.create(
        task=task,
        week=week,
        summary=summary.strip(),
        resources_needed=resources.strip(),
        sent_by=by,
        sent_at=now,
        late_by=late_by(terms.monday_noon(week).at, now),
    )
    event = history.record(sync, "weekly_sync.sent", by=by, now=now)
    keep_duties(task, now=now)
    tell(event=event, people=heads_of(task), link=sync.get_absolute_url(), now=now, task=task)
    return sync


def readers_of(task: Task, by) -> list:
    """Who is told when `by` sends the week: every department head, once, but not the sender."""
    heads = {head.pk: head for head in heads_of(task) if head.is_active}
    heads.pop(by.pk, None)
    return list(heads.values())


def _check_week(task, week, terms):
    week = week_of(week)
    if week > week_of(terms.today):
        raise WeekInFuture
    if week not in weeks_of_task(task, terms):
        raise NotAtWork
    if task.weekly_syncs.filter(week=week).exists():
        raise AlreadySent
    return week


def _check_words(task, week, summary, resources, terms):
    if not summary.strip():
        raise SummaryMissing(field="summary")
    lagging = [row.subtask for row in rows_of_week(task, week, terms) if row.behind]
    if unsaid := _unsaid(lagging, resources):
        raise LaggingNotNamed(unsaid)


def opening_line(subtask) -> str:
    """How the words on a lagging subtask begin; what it needs, and from whom, comes after it."""
    return str(_("%(subtask)s (%(department)s): ")) % {
        "subtask": subtask.name,
        "department": subtask.department,
    }


def _unsaid(lagging, resources):
    """Those that are not named, or whose opening line has nothing after it."""
    openings = {opening_line(subtask).strip(): subtask for subtask in lagging}
    lines = [line.strip() for line in resources.splitlines() if line.strip()]
    followed = pairwise([*lines, ""])
    bare = [openings.get(line) for line, after in followed if not after or after in openings]
    return [s for s in lagging if s.name not in resources or s in bare]


def open_weeks(now: dt.datetime) -> int:
    """Opens what running tasks owe for the week it is now, and for weeks that were missed.

    Weeks begin without anybody acting. Returns how many tasks had something to open: none, when
    called again. A batch is a transaction of its own, so nobody waits for all of them.
    """
    waiting = _tasks_without(week_of(Terms.current(now).today)).order_by("pk")
    opened, last = 0, 0
    while batch := list(waiting.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        _open_weeks_of(batch, now)
        opened, last = opened + len(batch), batch[-1]
    return opened


def _tasks_without(week):
    """Running tasks that owe something for this week of which there is no row yet."""
    begun = Q(start_date__lt=week + WEEK)
    sent = WeeklySync.objects.filter(task=OuterRef("pk"), week=week)
    reported = ProgressUpdate.objects.filter(subtask=OuterRef("pk"), week=week)
    silent = Subtask.objects.open().filter(
        begun, ~Exists(reported), ~Exists(_owed("progress_update", week)), task=OuterRef("pk")
    )
    unsent = begun & ~Exists(sent) & ~Exists(_owed("weekly_sync", week))
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
    keep_duties(*tasks, *subtasks, now=now)
