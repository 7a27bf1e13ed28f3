"""The whole form as one value: five parts in the form's order, an annex, every name resolved.

States and kinds are the stored codes, never labels, so that one record is printed in any
language. `coordination.plain.to_plain` and `from_plain` turn it into JSON and back without loss.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from coordination.plain import read_plain


@dataclass(frozen=True)
class Person:
    """A name, and the department it stood under (the main one; "" when there was none)."""

    name: str
    department: str = ""


@dataclass(frozen=True)
class Target:
    metric: str
    number: Decimal | None
    unit: str
    date: dt.date | None


@dataclass(frozen=True)
class Resource:
    kind: str
    description: str


@dataclass(frozen=True)
class Risk:
    description: str
    response: str


@dataclass(frozen=True)
class Consultation:
    """What a collaborating department answered to the requirement (R7)."""

    department: str
    answer: str
    comment: str
    answered_by: Person | None
    answered_at: dt.datetime | None


@dataclass(frozen=True)
class BasicInformation:
    number: str
    title: str
    department: str
    initiator: Person
    goal: str
    expected_result: str
    start_date: dt.date | None
    end_date: dt.date | None
    departments: tuple[str, ...]
    """All departments involved, the initiating one first."""
    background: str
    targets: tuple[Target, ...]
    work_items: tuple[str, ...]
    resources: tuple[Resource, ...]
    risks: tuple[Risk, ...]
    consultations: tuple[Consultation, ...]


@dataclass(frozen=True)
class Support:
    """What a subtask asked of another department, and the answer (R9)."""

    department: str
    what: str
    needed_by: dt.date
    state: str
    promised_date: dt.date | None
    answer: str


@dataclass(frozen=True)
class Subtask:
    name: str
    work_item: str
    scope: str
    department: str
    owner: Person
    helpers: tuple[str, ...]
    goal: str
    support: tuple[Support, ...]
    start_date: dt.date
    due_date: dt.date
    planned: int | None
    """Percent, as last reported; None before the first report."""
    actual: int | None
    state: str
    reason: str
    """Why planned and actual differ, as last reported."""


@dataclass(frozen=True)
class Progress:
    """What was reported of a subtask in the week that begins on `week` (R16)."""

    week: dt.date
    subtask: str
    planned: int
    actual: int
    reason: str
    reported_by: Person
    reported_at: dt.datetime


@dataclass(frozen=True)
class Assignment:
    confirmed_at: dt.datetime | None
    subtasks: tuple[Subtask, ...]
    progress: tuple[Progress, ...]


@dataclass(frozen=True)
class ActionItem:
    owner: Person
    what: str
    due_date: dt.date
    state: str
    result: str


@dataclass(frozen=True)
class Communication:
    starts_at: dt.datetime
    ends_at: dt.datetime
    participants: tuple[Person, ...]
    purpose: str
    method: str
    topic: str
    conclusions: str
    action_items: tuple[ActionItem, ...]
    state: str
    recorder: Person | None
    recorded_at: dt.datetime | None
    late_seconds: int | None
    """How long after its 24 hours the log was completed (R15); None = in time."""


@dataclass(frozen=True)
class Measure:
    what: str
    owner: Person
    due_date: dt.date


@dataclass(frozen=True)
class Round:
    """One solution of an issue and what came of it (R21, R22)."""

    measures: tuple[Measure, ...]
    due_date: dt.date
    department: str
    owner: Person
    meeting: str
    """Topic of the coordination meeting that decided it, or ""."""
    decided_at: dt.datetime
    result: str
    result_text: str
    next_step: str
    next_date: dt.date | None
    return_reason: str
    """Why a result said to be solved was not accepted (R23), or ""."""


@dataclass(frozen=True)
class Issue:
    position: int
    description: str
    subtask: str
    occurred_at: dt.datetime
    department: str
    cause: str
    attempts: tuple[str, ...]
    grade: str
    owner: Person
    next_date: dt.date
    recorded_by: Person
    recorded_at: dt.datetime
    reported_at: dt.datetime | None
    reported_late_seconds: int | None
    """How long after 24 hours it was reported upwards (R20); None = in time or general."""
    rounds: tuple[Round, ...]
    state: str
    closed_by: Person | None
    closed_at: dt.datetime | None


@dataclass(frozen=True)
class TargetResult:
    """A target beside what was reached of it; `reached` is "" until it is judged (R25)."""

    target: Target
    number: Decimal | None
    reached: str
    note: str


@dataclass(frozen=True)
class Missing:
    """What was not there at the signature (R24): its kind, how many, and which, by name."""

    kind: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    meeting: str
    """Topic of the review meeting, or ""."""
    text: str
    target_results: tuple[TargetResult, ...]
    keep: tuple[str, ...]
    improve: tuple[str, ...]
    archived_at: dt.datetime | None
    signed_by: str
    signed_at: dt.datetime | None
    missing: tuple[Missing, ...]
    missing_reason: str


@dataclass(frozen=True)
class Mail:
    """What had become of the mail that told somebody, when the record was read."""

    state: str
    sent_at: dt.datetime | None
    withdrawn: str
    """Why it was never sent, or ""."""


@dataclass(frozen=True)
class Reminder:
    """One step of a duty's ladder, told to one person (R30)."""

    moment: dt.datetime
    """When it was to be told; `told_at` is when it was."""
    told_at: dt.datetime
    step: str
    """The rung as its ladder writes it, e.g. `-4h`."""
    person: Person
    role: str
    stands_in_for: Person | None
    duty: str
    """The kind of what is owed, `what` is it in people's own words."""
    what: str
    owner: Person
    due_at: dt.datetime
    mail: Mail


@dataclass(frozen=True)
class Escalation:
    """One superior was told of a cross-department issue (R20)."""

    issue: int
    """The number of the issue in the task."""
    description: str
    told_at: dt.datetime
    person: Person
    role: str
    department: str
    """Which department the person then headed."""
    acknowledged_at: dt.datetime | None
    note: str
    mail: Mail | None


@dataclass(frozen=True)
class Annex:
    """The evidence of who was reminded and told, in order of time."""

    reminders: tuple[Reminder, ...] = ()
    escalations: tuple[Escalation, ...] = ()

    @property
    def size(self) -> int:
        """How many times somebody was told something."""
        return len(self.reminders) + len(self.escalations)


@dataclass(frozen=True)
class TaskRecord:
    """One task, complete. `zone` is the organisation's time zone; its moments are instants."""

    organisation: str
    zone: str
    stage: str
    as_of: dt.datetime | None
    """When it was read; None in an archive, which does not age."""
    basics: BasicInformation
    assignment: Assignment
    communications: tuple[Communication, ...]
    issues: tuple[Issue, ...]
    summary: Summary
    annex: Annex | None
    """None where it was not read, or not kept yet (format 1)."""

    @property
    def is_archived(self) -> bool:
        return self.summary.archived_at is not None


FORMAT = 2
"""How a record is written down now. Records of format 1, which does not say so, have no annex."""


def from_plain(plain: dict) -> TaskRecord:
    """The record of what `records.canonical` wrote, in this format or an earlier one.

    Raises KeyError, TypeError or ValueError on anything else.
    """
    written = plain.get("format", 1)
    if written not in range(1, FORMAT + 1):
        raise ValueError(f"unknown format of a record: {written}")
    return read_plain(TaskRecord, {"annex": None} | plain if written == 1 else plain)
