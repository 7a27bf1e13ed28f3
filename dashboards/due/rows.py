"""Reads what is due: the least that a month needs of each row, then the few rows it shows."""

import datetime as dt
from dataclasses import dataclass
from itertools import groupby

from dashboards.due.asked import Asked, Scope, State
from dashboards.places import lay_out
from deadlines import kinds
from deadlines.models import Deadline
from tasks.models import Task

READ = 5000
"""So many rows, open ones and done ones each; a month that has more says up to where it goes."""
LISTED = 200
IN_CELL = 4
ALIKE = 3
"""In a crowded cell so many of one kind and state stand together."""
URGENCY = [State.LATE, State.OPEN, State.DONE_LATE, State.DONE]


@dataclass(frozen=True)
class Row:
    """One duty: what sorting and counting need."""

    pk: int
    due_at: dt.datetime
    kind: str
    settled_at: dt.datetime | None
    task_id: int | None

    def state(self, now: dt.datetime) -> State:
        if self.settled_at is None:
            return State.LATE if self.due_at < now else State.OPEN
        return State.DONE_LATE if self.settled_at > self.due_at else State.DONE


@dataclass(frozen=True)
class Found:
    """The duties that were asked for, by due moment; `until` is the last day read when not all
    were."""

    rows: list[Row]
    until: dt.date | None


def find(asked: Asked) -> Found:
    """Open and done duties in three statements; nothing of a task one may not see (R29)."""
    parts = [_read(part) for part in _parts(asked)]
    ends = [rows[READ].due_at for rows in parts if len(rows) > READ]
    rows = sorted((row for rows in parts for row in rows[:READ]), key=lambda r: (r.due_at, r.pk))
    if ends:
        rows = [row for row in rows if row.due_at < min(ends)]
    seen = kinds.visible_tasks(asked.user, {row.task_id for row in rows})
    return Found(
        rows=[row for row in rows if row.task_id in seen],
        until=min(ends).astimezone(asked.zone).date() if ends else None,
    )


def _read(duties) -> list[Row]:
    rows = duties.order_by("due_at", "pk").values_list(*Row.__dataclass_fields__)
    return [Row(*row) for row in rows[: READ + 1]]


def _parts(asked) -> list:
    """Open duties and done ones apart, each by its index; moved and cancelled ones are neither."""
    duties = _in_scope(asked)
    state = asked.chosen("state")
    parts = []
    if state != State.DONE:
        late = asked.is_overdue or state == State.LATE
        parts.append(duties.overdue(asked.now) if late else duties.open())
    if state in ("", None, State.DONE) and not asked.is_overdue:
        parts.append(duties.done())
    return parts


def _in_scope(asked):
    duties = Deadline.objects.filter(**_whose(asked))
    if asked.chosen("kind"):
        duties = duties.filter(kind=asked.chosen("kind"))
    if asked.is_overdue:
        return duties
    end = asked.moment(asked.last + dt.timedelta(days=1))
    return duties.filter(due_at__gte=asked.moment(asked.first), due_at__lt=end)


def _whose(asked) -> dict:
    user = asked.user
    if asked.task:
        return {"task_id": asked.task.pk}
    if asked.scope == Scope.LED:
        return {"task_id__in": Task.objects.order_by().filter(initiator=user).values("pk")}
    if asked.scope == Scope.DEPARTMENTS:
        chosen = asked.chosen("department")
        return {"department__in": [chosen.pk] if chosen else user.standing.reach}
    return {"owner": user}


@dataclass
class Entry:
    """One line of a cell: a duty, or `number` of one kind and state."""

    pk: int
    kind: str
    state: State
    number: int = 1
    duty: Deadline | None = None

    @property
    def label(self) -> str:
        return kinds.get(self.kind).label


def entries(rows: list[Row], now: dt.datetime) -> tuple[list[Entry], int]:
    """The most urgent lines of a day, and how many duties stand in none of them."""
    ranked = sorted(rows, key=lambda r: (URGENCY.index(r.state(now)), r.kind, r.due_at))
    lines = []
    for (state, kind), alike in groupby(ranked, key=lambda r: (r.state(now), r.kind)):
        alike = list(alike)
        if len(rows) > IN_CELL and len(alike) >= ALIKE:
            lines.append(Entry(alike[0].pk, kind, state, len(alike)))
        else:
            lines += [Entry(row.pk, kind, state) for row in alike]
    return lines[:IN_CELL], sum(line.number for line in lines[IN_CELL:])


def fill(lines: list[Entry], asked: Asked) -> None:
    """Gives each line of a single duty its `duty`, laid out."""
    duties = _duties([line.pk for line in lines if line.number == 1], asked)
    for line in lines:
        line.duty = duties.get(line.pk)


def listed(rows: list[Row], asked: Asked) -> list[Deadline]:
    """The first rows of a list, laid out, each with its `state` and its `day`."""
    shown = rows[:LISTED]
    duties = _duties([row.pk for row in shown], asked)
    found = [duties[row.pk] for row in shown]
    for row, duty in zip(shown, found, strict=True):
        duty.state = row.state(asked.now)
        duty.day = row.due_at.astimezone(asked.zone).date()
    return found


def _duties(pks, asked) -> dict[int, Deadline]:
    rows = Deadline.objects.filter(pk__in=pks).select_related("owner", "department")
    return {duty.pk: duty for duty in lay_out(rows, asked.user)}
