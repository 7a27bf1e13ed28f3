"""Rules that need only values: coverage, measurable targets, planned progress, numbers."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from deadlines.policies import week_of

WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class Promise:
    """A live subtask, as far as coverage is concerned."""

    work_item: int
    department: int
    scope: str


@dataclass(frozen=True)
class Coverage:
    """Which work items nobody has taken, and which two have taken (R11), by work item id."""

    gaps: tuple[int, ...]
    overlaps: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return not (self.gaps or self.overlaps)


def coverage(work_items: Iterable[int], promises: Iterable[Promise]) -> Coverage:
    """No gap, no overlap: each work item is taken on once, or split with each part's scope stated.

    Several subtasks on one work item overlap unless every one states a scope and no two scopes
    are the same.
    """
    taken = defaultdict(list)
    for promise in promises:
        taken[promise.work_item].append(" ".join(promise.scope.split()).casefold())
    work_items = list(work_items)
    return Coverage(
        gaps=tuple(item for item in work_items if not taken[item]),
        overlaps=tuple(item for item in work_items if _overlap(taken[item])),
    )


def _overlap(scopes: list[str]) -> bool:
    return len(scopes) > 1 and (not all(scopes) or len(set(scopes)) < len(scopes))


def is_measurable(metric: str, number, unit: str, date) -> bool:
    """A target is measurable when its metric has a number with a unit, or a date (R6)."""
    counted = number is not None and bool(unit.strip())
    return bool(metric.strip()) and (counted or date is not None)


def planned_percent(start: dt.date, due: dt.date, on: dt.date) -> int:
    """The percent that should be done at the end of a day when work is spread evenly."""
    if on >= due:
        return 100
    if on < start:
        return 0
    return round(((on - start).days + 1) * 100 / ((due - start).days + 1))


def linear_plan(start: dt.date, due: dt.date) -> dict[str, int]:
    """The percent at the end of each week when work is spread evenly, by the week's Monday."""
    sundays = {week: week + WEEK - dt.timedelta(days=1) for week in weeks_of_work(start, due)}
    return {
        week.isoformat(): planned_percent(start, due, sunday) for week, sunday in sundays.items()
    }


def is_plan(weeks: Mapping[str, int], start: dt.date, due: dt.date) -> bool:
    """Whether steps are a plan: every week of the subtask, never falling, 100 % in the last."""
    wanted = [week.isoformat() for week in weeks_of_work(start, due)]
    return sorted(weeks) == wanted and fault_in(weeks) is None


def fault_in(weeks: Mapping[str, int]) -> str | None:
    """The first week (ISO) whose percent is out of range, falls, or is the last and not 100."""
    steps = sorted(weeks.items())
    for (_week, before), (week, percent) in pairwise([("", 0), *steps]):
        if not before <= percent <= 100:
            return week
    return steps[-1][0] if steps and steps[-1][1] != 100 else None


def planned_in(weeks: Mapping[str, int], week: dt.date) -> int:
    """The planned percent at the end of a week; 0 before the first step, 100 after the last."""
    begun = [percent for monday, percent in weeks.items() if monday <= week.isoformat()]
    return max(begun, default=0)


def planned_anew(
    before: Mapping[str, int], even: Mapping[str, int], this_week: str
) -> dict[str, int]:
    """Another plan for other dates: weeks that are over keep their steps, the rest is spread
    evenly and never falls below them. The last week is 100 %.
    """
    weeks, reached = {}, 0
    for monday in sorted(even):
        step = before.get(monday, even[monday]) if monday < this_week else even[monday]
        weeks[monday] = reached = max(step, reached)
    return weeks | {max(even): 100}


def planned_by_now(weeks: Mapping[str, int], reported: dt.date | None, today: dt.date) -> int:
    """What should have been reached: at the end of the last full week, or of a later week that was
    reported already (`reported` is the Monday of the last report).
    """
    last = week_of(today) - WEEK
    return planned_in(weeks, max(last, reported or last))


def deviates(planned: int, actual: int, tolerance: int) -> bool:
    """Whether a deviation, behind or ahead, is large enough to need a reason (R16)."""
    return abs(planned - actual) > tolerance


def lags(planned: int, actual: int | None, tolerance: int, *, overdue: bool = False) -> bool:
    """The one meaning of "lagging": more than `tolerance` percent points below the plan, or past
    the due date and not finished (R17, R18). What nobody has reported is not known to lag.
    """
    return overdue or (actual is not None and planned - actual > tolerance)


def weeks_of_work(first: dt.date, last: dt.date) -> list[dt.date]:
    """The Mondays of the weeks of work, from the one `first` lies in to the one of `last`.

    Both are among them: work that ended on a Tuesday went on in that week, too. None when the
    work begins in a later week.
    """
    weeks, week = [], week_of(first)
    while week <= last:
        weeks.append(week)
        week += WEEK
    return weeks


def weeks_owed(first: dt.date, last: dt.date) -> list[dt.date]:
    """The weeks of work that owe a progress update (R16) because they are over.

    The week of `last` owes none: work that ends in it is answered by its end, and a week that is
    still running is not over.
    """
    return weeks_of_work(first, last)[:-1]


def task_number(pattern: str, *, year: int, department: str, sequence: int) -> str:
    """The number as the organisation writes it: `2024-市场-001` (R5)."""
    return pattern.format(year=year, department=department, sequence=sequence)
