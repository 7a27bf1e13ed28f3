"""A week of a task as one value: what the page, the mail and the PDF show, and what is frozen.

States and causes are stored codes, never labels, so one report is read in any language. What can
be computed from the parts (figures, what needs attention) is computed, not kept.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from coordination.plain import read_plain, to_plain

FORMAT = 1
"""How a report is written down now."""

AT_WORK, TO_BEGIN, DONE = "at_work", "to_begin", "done"


@dataclass(frozen=True)
class Point:
    """One week of a subtask's course; None: nothing was known."""

    week: dt.date
    planned: int
    actual: int | None


@dataclass(frozen=True)
class Row:
    """One subtask in the week."""

    subtask: int
    name: str
    department: str
    owner: str
    start: dt.date
    due: dt.date
    standing: str
    """`at_work`, `to_begin` or `done`, at the end of the week."""
    planned: int
    actual: int | None
    """Percent as last reported; None when nobody ever has, which is not 0 %."""
    reported: bool
    """Whether it was reported for this very week."""
    lagging: bool
    """tasks.policies.lags"""
    cause: str
    reason: str
    waits_for: str
    expected_finish: dt.date | None
    next_steps: str
    moved: int
    """How often its due date has been moved."""
    last_weeks: tuple[Point, ...]
    """Up to four, this week the last."""

    @property
    def is_awaited(self) -> bool:
        return self.standing == AT_WORK and not self.reported

    @property
    def deviation(self) -> int | None:
        """Percent points ahead of the plan; negative when behind; None when nothing is known."""
        return None if self.actual is None else self.actual - self.planned

    @property
    def behind(self) -> int:
        return max(-(self.deviation or 0), 0)

    @property
    def ahead(self) -> int:
        return max(self.deviation or 0, 0)


@dataclass(frozen=True)
class Talk:
    """A communication that ended in the week."""

    communication: int
    topic: str
    ended_at: dt.datetime
    departments: tuple[str, ...]
    state: str
    late_by: int | None
    """Seconds over the 24 hours; None when logged in time or not due yet."""
    conclusions: str


@dataclass(frozen=True)
class Item:
    """An agreed item that is late, was done this week, or is due next week."""

    what: str
    owner: str
    due: dt.date
    is_late: bool
    done_on: dt.date | None
    communication: int


@dataclass(frozen=True)
class Problem:
    """An issue that is open, or was opened or closed this week."""

    issue: int
    number: int
    description: str
    grade: str
    state: str
    department: str
    responsible: str
    opened_on: dt.date
    next_date: dt.date
    is_late: bool
    closed_on: dt.date | None


@dataclass(frozen=True)
class Promise:
    """Support that a subtask still waits for."""

    request: int
    subtask: int
    subtask_name: str
    what: str
    department: str
    state: str
    needed_by: dt.date
    promised: dt.date | None
    is_late: bool


@dataclass(frozen=True)
class FieldChange:
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """Something that was changed in the week, as the history has it."""

    at: dt.datetime
    who: str
    action: str
    subject: str
    fields: tuple[FieldChange, ...]
    reason: str
    times: int
    """For a moved due date: the how-manieth time; else 0."""


@dataclass(frozen=True)
class Need:
    """A resource to be coordinated, and with whom (R17)."""

    subtask: int | None
    subtask_name: str
    what: str
    department: str
    """The addressee."""


@dataclass(frozen=True)
class Alert:
    """An early warning that was open (R18)."""

    rule: str
    subtask: int | None
    subtask_name: str
    since: dt.date


@dataclass(frozen=True)
class Figures:
    """The tiles of a week. Each is counted from the parts of the same report."""

    planned: int | None
    actual: int | None
    lagging: int
    not_reported: int
    overdue_items: int
    open_issues: int
    logs: int
    """Communications of the week whose log is there or late …"""
    logged_in_time: int
    """… and of those the ones logged within 24 hours."""


@dataclass(frozen=True)
class Report:
    """One week of one task."""

    number: str
    title: str
    department: str
    initiator: str
    week: dt.date
    as_of: dt.datetime
    tolerance: int
    rows: tuple[Row, ...]
    talks: tuple[Talk, ...]
    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    promises: tuple[Promise, ...]
    changes: tuple[Change, ...]
    alerts: tuple[Alert, ...]
    before: Figures | None
    """The figures of the last report of the week before."""
    summary: str = ""
    needs: tuple[Need, ...] = ()

    @property
    def sunday(self) -> dt.date:
        return self.week + dt.timedelta(days=6)

    @property
    def figures(self) -> Figures:
        return figures(self)

    @property
    def lagging(self) -> list[Row]:
        return [row for row in self.rows if row.lagging]

    @property
    def awaited(self) -> list[Row]:
        """Who has not reported."""
        return [row for row in self.rows if row.is_awaited]

    @property
    def owing(self) -> int:
        """How many subtasks were to report this week."""
        return sum(row.reported or row.is_awaited for row in self.rows)

    @property
    def reported(self) -> int:
        return sum(row.reported for row in self.rows)

    def told(self, summary: str, needs: Iterable[Need]) -> "Report":
        """The same week with the words of the initiating department."""
        return replace(self, summary=summary.strip(), needs=tuple(needs))


def figures(report: Report) -> Figures:
    known = [row for row in report.rows if row.actual is not None]
    logs = [talk for talk in report.talks if talk.state == "logged" or talk.late_by]
    return Figures(
        planned=mean(row.planned for row in report.rows),
        actual=mean(row.actual for row in known),
        lagging=len(report.lagging),
        not_reported=len(report.awaited),
        overdue_items=sum(item.is_late for item in report.items),
        open_issues=sum(problem.closed_on is None for problem in report.problems),
        logs=len(logs),
        logged_in_time=sum(talk.late_by is None for talk in logs),
    )


def waited_for(department: str, what: str) -> str:
    """How `Row.waits_for` names support, in no language; by it its Promise is found again."""
    return f"{department}: {what}"


def mean(percents) -> int | None:
    """The plain mean, each subtask alike, rounded half up; None of nothing."""
    values = list(percents)
    return (2 * sum(values) + len(values)) // (2 * len(values)) if values else None


def in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    """As they are read: the lagging ones first, the furthest behind at the top, then those who
    did not report, then by deviation."""
    return tuple(sorted(rows, key=_urgency))


def _urgency(row):
    place = 0 if row.lagging else 1 if row.is_awaited else 2
    return place, row.deviation or 0, row.subtask


@dataclass(frozen=True)
class Correction:
    """A subtask that a later version of a week's report shows otherwise."""

    old: Row
    new: Row


def corrections(old: Report, new: Report) -> list[Correction]:
    """What is reported otherwise in a later version: late input, and figures put right."""
    before = {row.subtask: row for row in old.rows}
    pairs = [(before[row.subtask], row) for row in new.rows if row.subtask in before]
    return [Correction(was, now) for was, now in pairs if _said(was) != _said(now)]


def _said(row):
    return row.reported, row.actual, row.cause, row.reason, row.expected_finish, row.next_steps


def write(report: Report) -> dict:
    """As it is frozen in weekly.models.WeeklyReport.content."""
    return {"format": FORMAT, **to_plain(report)}


def read(content: dict) -> Report:
    """What `write` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    if content.get("format") != FORMAT:
        raise ValueError(f"unknown format of a weekly report: {content.get('format')}")
    return read_plain(Report, content)
