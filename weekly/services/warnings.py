"""Raises early warnings and ends them, as the rules of `weekly.warnings` find them (R18)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery

from audit import history
from audit.models import Event
from communications.models import Communication, CommunicationState
from deadlines.policies import wall_clock, week_of
from deadlines.services import tell
from deadlines.terms import Terms
from tasks import policies
from tasks.choices import PROMISED, Stage
from tasks.models import ProgressUpdate, Subtask, SupportRequest, Task
from tasks.policies import WEEK
from weekly.models import EarlyWarning, WarningRule
from weekly.services.batches import in_batches
from weekly.warnings import Cause, Facts, Thresholds, causes_of, quiet_week

# Tasks in one transaction: a person's form waits for no longer than this takes.
BATCH = 10
# So far back the minute's run looks, and at so many entries; the hourly run misses nothing.
RECENT = dt.timedelta(minutes=3)
LATEST = 500


def watch_all(now: dt.datetime) -> int:
    """Looks at every running task, and at those that have ended with a warning open.

    Returns how many warnings were raised: none, when called again. A batch is a transaction.
    Raises SomeFailed once all others are looked at.
    """
    endangered = EarlyWarning.objects.open().values("task")
    waiting = Task.objects.filter(Q(stage=Stage.EXECUTION) | Q(pk__in=endangered)).order_by("pk")
    ids = list(waiting.values_list("pk", flat=True))
    return in_batches(ids, lambda batch: watch(batch, now), BATCH)


def watch_recent(now: dt.datetime) -> int:
    """The same for the tasks of the latest history: what was just finished endangers nothing."""
    latest = Event.objects.order_by("-pk").values_list("task_id", "at")[:LATEST]
    touched = {task for task, at in latest if task and now - at < RECENT}
    return in_batches(sorted(touched), lambda batch: watch(batch, now), BATCH)


@transaction.atomic
def watch(tasks: Iterable[int], now: dt.datetime) -> int:
    """Raises and ends the warnings of these tasks. Returns how many were raised."""
    rows = Task.objects.select_for_update(of=("self",)).filter(pk__in=tasks).order_by("pk")
    found = {task.pk: task for task in rows.select_related("initiator")}
    causes = _causes(found, Terms.current(now))
    there = defaultdict(dict)
    for warning in EarlyWarning.objects.open().filter(task__in=found):
        there[warning.task_id][warning.rule, warning.key] = warning
    raised = 0
    for pk, task in found.items():
        wanted = {(cause.rule, cause.key): cause for cause in causes[pk]}
        _end(there[pk], wanted, now)
        _refresh(there[pk], wanted)
        new = [cause for key, cause in wanted.items() if key not in there[pk]]
        raised += _raise(task, new, now)
    return raised


def _causes(tasks, terms) -> dict[int, list[Cause]]:
    at = thresholds(terms)
    causes = defaultdict(list)
    for subtask in _open_subtasks(tasks, terms):
        causes[subtask.task_id] += causes_of(_facts(subtask, terms), at, terms.today)
    week = week_of(terms.today) - WEEK
    moved, talks = _moved_in(tasks, week), _talks_in(tasks, week, terms)
    for pk, task in tasks.items():
        if task.stage == Stage.EXECUTION:
            causes[pk] += quiet_week(week, moved.get(pk, 0), talks.get(pk, 0), at)
    return causes


def thresholds(terms: Terms) -> Thresholds:
    organisation = terms.organisation
    return Thresholds(
        tolerance=organisation.tolerance,
        silent_days=organisation.silent_days,
        moved_times=organisation.moved_times,
        quiet_departments=organisation.quiet_departments,
    )


def _open_subtasks(tasks, terms):
    """Open subtasks at work, with the last report, how often moved, what they asked for."""
    return (
        Subtask.objects.open()
        .filter(task__in=tasks, task__stage=Stage.EXECUTION, start_date__lte=terms.today)
        .with_plan()
        .with_last_report()
        .select_related("task")
        .prefetch_related("support_requests")
        .order_by("pk")
    )


def _facts(subtask, terms) -> Facts:
    heard = subtask.last_report or subtask.task.confirmed_at
    return Facts(
        subtask=subtask.pk,
        planned=policies.planned_by_now(subtask.steps or {}, subtask.last_week, terms.today),
        actual=subtask.last_actual,
        due=subtask.due_date,
        heard_on=max(terms.local_day(heard), subtask.start_date),
        moved=subtask.moved or 0,
        broken=tuple(
            (request.pk, request.promised_date.isoformat())
            for request in subtask.support_requests.all()
            if request.state in PROMISED and request.promised_date < terms.today
        ),
    )


def _moved_in(tasks, week) -> dict[int, int]:
    """In how many departments of each task progress went up in a week."""
    earlier = ProgressUpdate.objects.filter(subtask=OuterRef("subtask"), week__lt=week)
    updates = ProgressUpdate.objects.filter(week=week, subtask__task__in=tasks).annotate(
        before=Subquery(earlier.order_by("-week").values("actual")[:1])
    )
    went_up = updates.filter(Q(before=None, actual__gt=0) | Q(actual__gt=F("before")))
    counted = went_up.order_by().values("subtask__task")
    counted = counted.annotate(departments=Count("subtask__department", distinct=True))
    return {row["subtask__task"]: row["departments"] for row in counted}


def _talks_in(tasks, week, terms) -> dict[int, int]:
    """How many communications of each task that ended in a week have their log."""
    begin, end = (wall_clock(day, dt.time(0), terms.zone) for day in (week, week + WEEK))
    logged = Communication.objects.filter(
        task__in=tasks, state=CommunicationState.LOGGED, ends_at__gte=begin, ends_at__lt=end
    )
    counted = logged.order_by().values("task").annotate(number=Count("pk"))
    return {row["task"]: row["number"] for row in counted}


def _end(there, wanted, now) -> None:
    over = [warning.pk for key, warning in there.items() if key not in wanted]
    if over:
        EarlyWarning.objects.open().filter(pk__in=over).update(over_at=now)


def _refresh(there, wanted) -> None:
    """An open warning says how things stand today, not only how they stood when it was raised."""
    for key in there.keys() & wanted.keys():
        if there[key].facts != wanted[key].facts:
            EarlyWarning.objects.filter(pk=there[key].pk).update(facts=wanted[key].facts)


def _raise(task, causes, now) -> int:
    """Single events that were told before are not told again."""
    keys = [cause.key for cause in causes if cause.once]
    told = set()
    if keys:
        past = EarlyWarning.objects.filter(task=task, key__in=keys)
        told = set(past.values_list("rule", "key"))
    new = [cause for cause in causes if (cause.rule, cause.key) not in told]
    subtasks = Subtask.objects.select_related("owner", "department__head").in_bulk(
        [cause.subtask for cause in new if cause.subtask]
    )
    for cause in new:
        _tell(task, cause, subtasks.get(cause.subtask), now)
    return len(new)


def _tell(task, cause, subtask, now) -> None:
    """The owner, the owner's head and the initiator, each once per cause (R18)."""
    EarlyWarning.objects.create(
        task=task,
        subtask=subtask,
        rule=cause.rule,
        key=cause.key,
        raised_at=now,
        facts=cause.facts,
    )
    subject = subtask or task
    event = history.record(
        subject, f"warning.{cause.rule}", by=None, now=now, changes=_figures(cause)
    )
    people = [subtask.owner, subtask.department.head] if subtask else []
    tell(
        event=event,
        people=[*people, task.initiator],
        link=subject.get_absolute_url(),
        now=now,
        task=task,
        required=True,
    )


NAMES = {
    "due": "due_date",
    "planned": "planned_so_far",
    "actual": "actual_so_far",
    "since": "silent_since",
    "times": "moved",
    "week": "week_from",
    "departments": "departments_moved",
}
"""What the facts are called in the history, whose words say them (coordination.history_words)."""


def _figures(cause) -> dict:
    """The facts as the history shows values: from nothing to what was found."""
    if cause.rule == WarningRule.PROMISE:
        request = SupportRequest.objects.select_related("department").get(pk=cause.facts["request"])
        named = {
            "support_from": request.department.name,
            "support_wanted": request.what,
            "promised_for": cause.facts["day"],
        }
    else:
        named = {NAMES[name]: value for name, value in cause.facts.items()}
    return {name: (None, value) for name, value in named.items()}
