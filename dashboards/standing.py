"""Where tasks stand: the rules' answer, the worst first, and the figures beside it.

Everything here is asked of rows that somebody may see; who asks narrows them first (R29).
"""

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Case, Count, Exists, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from dashboards.why import why
from deadlines.terms import Terms
from issues.models import Escalation
from tasks.choices import SubtaskState
from tasks.models import Subtask, Task
from tasks.policies import lags, planned_by_now
from tasks.workflow import WORK_OPEN
from weekly.models import EarlyWarning
from weekly.report import mean
from weekly.warnings import AT_RISK, GRAVE, OFF_TRACK, ON_TRACK

STATUSES = {
    OFF_TRACK: _("Off track"),
    AT_RISK: _("At risk"),
    ON_TRACK: _("On track"),
}
"""The worst first: a status stands where it stands here."""
RANKS = list(STATUSES)
REASONS = 3
# Where nothing is wrong since any day.
NEVER = dt.datetime(2199, 1, 1, tzinfo=dt.UTC)


def running(user: User):
    """The running tasks that a person sees, each with `rank` (of its status) and `since`."""
    return ranked(Task.objects.visible_to(user))


def ranked(tasks):
    """Those of the tasks that run, each with `rank` (of its status) and `since`."""
    warnings = EarlyWarning.objects.open().filter(task=OuterRef("pk")).order_by("raised_at")
    return (
        tasks.filter(stage__in=WORK_OPEN)
        .annotate(
            rank=Case(
                When(Exists(warnings.filter(rule__in=GRAVE)), then=RANKS.index(OFF_TRACK)),
                When(Exists(warnings), then=RANKS.index(AT_RISK)),
                default=RANKS.index(ON_TRACK),
            ),
            since=Coalesce(Subquery(warnings.values("raised_at")[:1]), Value(NEVER)),
        )
        .select_related("department", "initiator")
    )


def counted(tasks) -> dict[str, int]:
    """How many of the tasks stand where; one statement."""
    numbers = dict(tasks.order_by().values_list("rank").annotate(Count("pk")))
    return {status: numbers.get(rank, 0) for rank, status in enumerate(RANKS)}


@dataclass(frozen=True)
class Progress:
    """The live subtasks of a task as they were last reported."""

    planned: int | None
    actual: int | None
    subtasks: int
    lagging: int

    @property
    def deviation(self) -> int | None:
        return None if self.actual is None else self.actual - self.planned


NOTHING = Progress(None, None, 0, 0)


@dataclass(frozen=True)
class Row:
    """One running task: where it stands, why, and how far it is."""

    task: Task
    warnings: list[EarlyWarning]
    progress: Progress
    escalations: int

    @property
    def reasons(self) -> list[tuple[Subtask | None, str]]:
        """The gravest warnings: (subtask or None, words)."""
        return [(warning.subtask, why(warning)) for warning in self.warnings[:REASONS]]

    @property
    def more_reasons(self) -> int:
        return max(len(self.warnings) - REASONS, 0)

    @property
    def status(self) -> str:
        return RANKS[self.task.rank]

    @property
    def status_name(self):
        return STATUSES[self.status]

    @property
    def since(self) -> dt.datetime | None:
        return self.task.since if self.warnings else None


def rows_of(tasks: list[Task], terms: Terms) -> list[Row]:
    """Tasks of `running` with what stands beside them; three statements, however many."""
    ids = [task.pk for task in tasks]
    warnings, progress, told = _warnings(ids), _progress(ids, terms), _escalations(ids)
    return [
        Row(task, warnings[task.pk], progress.get(task.pk, NOTHING), told[task.pk])
        for task in tasks
    ]


def _warnings(ids) -> dict[int, list[EarlyWarning]]:
    """The open ones of each task, the gravest first, then the longest open."""
    found = defaultdict(list)
    rows = EarlyWarning.objects.open().filter(task__in=ids).select_related("subtask")
    for warning in rows.order_by("raised_at", "pk"):
        found[warning.task_id].append(warning)
    for of_task in found.values():
        of_task.sort(key=lambda warning: warning.rule not in GRAVE)
    return found


def _progress(ids, terms) -> dict[int, Progress]:
    live = Subtask.objects.live().with_plan().with_last_report().filter(task__in=ids).order_by()
    subtasks = live.values_list("task", "state", "due_date", "steps", "last_week", "last_actual")
    found = defaultdict(list)
    for task, *subtask in subtasks:
        found[task].append(subtask)
    return {task: _progress_of(subtasks, terms) for task, subtasks in found.items()}


def _progress_of(subtasks, terms) -> Progress:
    """A finished subtask counts 100 of 100; one that nobody has reported counts in no mean."""
    known, lagging = [], 0
    for state, due, steps, reported, actual in subtasks:
        planned = planned_by_now(steps or {}, reported, terms.today)
        if state == SubtaskState.DONE:
            planned = actual = 100
        if actual is not None:
            known.append((planned, actual))
        overdue = state == SubtaskState.OPEN and due < terms.today
        lagging += lags(planned, actual, terms.organisation.tolerance, overdue=overdue)
    return Progress(
        mean(planned for planned, _actual in known),
        mean(actual for _planned, actual in known),
        len(subtasks),
        lagging,
    )


def _escalations(ids) -> Counter:
    """How many superiors of each task still are to acknowledge an issue."""
    waiting = Escalation.objects.unanswered().filter(issue__task__in=ids).order_by()
    return Counter(dict(waiting.values_list("issue__task").annotate(Count("pk"))))


def escalations_seen(user: User):
    """The reports upwards that nobody has acknowledged yet, in the tasks that a person sees."""
    task = Task.objects.visible_to(user).filter(pk=OuterRef("issue__task"))
    return (
        Escalation.objects.unanswered()
        .filter(Exists(task))
        .select_related("person", "department", "issue__task")
    )
