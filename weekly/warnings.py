"""What endangers a task, by rule (R18). Pure: rows and a clock in, causes out."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from tasks import policies
from weekly.models import WarningRule

OFF_TRACK, AT_RISK, ON_TRACK = "off_track", "at_risk", "on_track"
GRAVE = frozenset({WarningRule.OVERDUE})
"""Rules that put a task off track; any other puts it at risk."""


@dataclass(frozen=True)
class Thresholds:
    """From when on something is a warning; set by the organisation."""

    tolerance: int
    silent_days: int
    moved_times: int
    quiet_departments: int


@dataclass(frozen=True)
class Facts:
    """What is known of one open subtask at work."""

    subtask: int
    planned: int
    """tasks.policies.planned_by_now"""
    actual: int | None
    due: dt.date
    heard_on: dt.date
    """When it was last reported, or began."""
    moved: int
    broken: tuple[tuple[int, str], ...] = ()
    """The support requests that were promised and not kept, each with its day (ISO)."""


@dataclass(frozen=True)
class Cause:
    """One reason for a warning. `key` tells it from every other of its task and rule."""

    rule: str
    key: str
    subtask: int | None = None
    facts: dict = field(default_factory=dict, compare=False)
    once: bool = False
    """Whether it is a single event, which is never told again once it is over."""


def causes_of(facts: Facts, at: Thresholds, today: dt.date) -> Iterable[Cause]:
    """What endangers one subtask today."""
    key, subtask = str(facts.subtask), facts.subtask
    if facts.due < today:
        yield Cause(WarningRule.OVERDUE, key, subtask, {"due": facts.due.isoformat()})
    elif policies.lags(facts.planned, facts.actual, at.tolerance):
        figures = {"planned": facts.planned, "actual": facts.actual}
        yield Cause(WarningRule.LAG, key, subtask, figures)
    if (today - facts.heard_on).days >= at.silent_days:
        yield Cause(WarningRule.SILENT, key, subtask, {"since": facts.heard_on.isoformat()})
    if facts.moved >= at.moved_times:
        words = {"times": facts.moved, "due": facts.due.isoformat()}
        yield Cause(WarningRule.MOVED, f"{key}/{facts.moved}", subtask, words, once=True)
    for request, day in facts.broken:
        named = {"request": request, "day": day}
        yield Cause(WarningRule.PROMISE, f"{key}/{request}/{day}", subtask, named, once=True)


def quiet_week(week: dt.date, departments: int, talks: int, at: Thresholds) -> Iterable[Cause]:
    """The progress of several departments moved in a week, and nobody logged a talk."""
    if departments >= at.quiet_departments and not talks:
        facts = {"week": week.isoformat(), "departments": departments}
        yield Cause(WarningRule.QUIET, week.isoformat(), None, facts, once=True)


def status_of(rules: Iterable[str]) -> str:
    """Where a task stands, by the rules of its open warnings."""
    rules = set(rules)
    if rules & GRAVE:
        return OFF_TRACK
    return AT_RISK if rules else ON_TRACK
