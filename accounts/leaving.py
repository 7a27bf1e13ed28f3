"""What a person still holds, and who may take it over.

Nobody is deactivated, and nobody leaves a department, while something open is theirs. This package
knows who heads and acts for a department (accounts.roles); what a person owes is known further up.
The packages that stand on this one register their kinds when ready, so that one screen hands all
of it over and no import arrow turns round.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace

from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import HELD
from accounts.successors import Successors
from coordination.errors import StageChanged
from coordination.words import listing, pair

AT_MOST = 500
"""So many things are shown and handed over at once; whoever holds more does it again."""


@dataclass(frozen=True)
class Held:
    """That a person holds something, and for which department; None: for themselves."""

    person: User
    department_id: int | None


@dataclass(frozen=True)
class Thing:
    """One open thing of one person."""

    kind: "Kind"
    person: User
    pk: int
    name: str
    about_id: int
    """The row that its page shows (Kind.page)."""
    day: dt.date | None
    """By when, where that is a day."""
    task_id: int | None
    number: str | None
    """Of the task; None for a draft and outside any task."""
    department_id: int | None
    """For which department the person holds it; None: for themselves."""
    also_id: int | None
    """Somebody who may take it over wherever they stand."""
    is_shown: bool = True
    """Whether the reader may see what it is about (R29)."""

    @property
    def key(self) -> str:
        return f"{self.kind.code}-{self.pk}"

    @property
    def link(self) -> str:
        """Where it is kept; "" for readers who may not see it."""
        return reverse(self.kind.page, args=[self.about_id]) if self.is_shown else ""

    @property
    def words(self) -> str:
        """What it is called; readers who may not see it learn of which task it is, no more."""
        if self.is_shown:
            return self.name
        return self.kind.hidden % {"number": self.number} if self.number else str(_("A draft"))

    def may_be_handed_over_by(self, user: User) -> bool:
        return HELD.allows(user, self.kind.act, Held(self.person, self.department_id))

    def may_be_taken_by(self, people: Successors) -> Set[int]:
        """Who may take it over, by id."""
        return self.kind.may_take(people, self) - {self.person.pk}


def member(people: Successors, thing: Thing) -> Set[int]:
    """Whoever belongs to the department it is held for (R10)."""
    return people.members(thing.department_id)


@dataclass(frozen=True)
class Kind:
    """A kind of thing that people hold."""

    code: str
    """Also the name by which its service is given the row."""
    label: str
    model: type[models.Model]
    rows: Callable[[User, dt.date], models.QuerySet]
    """`(person, today)`: what is theirs, as `columns` writes it."""
    page: str
    """The name of the address of what it is about."""
    service: Callable
    """Hands one over: keyword-only with the row, former, to, by, now, reason."""
    may_take: Callable[[Successors, Thing], Set[int]] = member
    hidden: str = ""
    """What one is called to readers who may not see its task; `%(number)s` is that task's."""
    act: str = "hand_over"
    """The act of the table permissions.HELD that this is."""
    way_out: str = gettext_lazy("Nobody else belongs to the department: add somebody to it first.")
    """What to do while nobody may take it over."""


COLUMNS = {
    "name": models.TextField(),
    "about": models.BigIntegerField(),
    "day": models.DateField(),
    "task": models.BigIntegerField(),
    "number": models.TextField(),
    "department": models.BigIntegerField(),
    "also": models.BigIntegerField(),
}


def columns(rows: models.QuerySet, **sources) -> models.QuerySet:
    """The rows of a kind in the shape that all kinds share: one statement asks for all of them.

    `sources` name the field or expression of each column; those left out are empty.
    """
    sources = {"about": "pk"} | sources
    cells = {
        f"row_{name}": Cast(
            F(source) if isinstance(source := sources.get(name), str) else source or Value(None),
            field,
        )
        for name, field in COLUMNS.items()
    }
    return rows.order_by().annotate(row_pk=Cast("pk", models.BigIntegerField()), **cells)


class NoLongerTheirs(StageChanged):
    code = "no_longer_theirs"
    message = gettext_lazy("Somebody has handed this over or finished it meanwhile.")


def require_theirs(holder_id: int | None, former: User) -> None:
    """Of two people who hand the same over one wins; called with the thing locked."""
    if holder_id != former.pk:
        raise NoLongerTheirs


_kinds: dict[str, Kind] = {}
_questions: list[Callable[[User], list[str]]] = []
_guards: list[Callable[[User, set[int]], set[int]]] = []
_lockers: list[Callable[[set[int], set[int]], None]] = []
_tellers: list[Callable] = []


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def ask(question: Callable[[User], list[str]]) -> None:
    """Registers what else keeps a person: asked once nothing is left to be handed over."""
    if question not in _questions:
        _questions.append(question)


def guard(visible_tasks: Callable[[User, set[int]], set[int]]) -> None:
    """Registers who may see which tasks: `(user, ids) -> ids`."""
    if visible_tasks not in _guards:
        _guards.append(visible_tasks)


def lock_with(lock_tasks: Callable[[set[int], set[int]], None]) -> None:
    """Registers how tasks are locked: `(ids, ids of departments whose tasks are locked too)`."""
    if lock_tasks not in _lockers:
        _lockers.append(lock_tasks)


def tell_with(tell: Callable) -> None:
    """Registers how people are told of an event: keywords event, people, link, now."""
    if tell not in _tellers:
        _tellers.append(tell)


def lock(tasks: set[int], departments: set[int]) -> None:
    for lock_tasks in _lockers:
        lock_tasks(tasks, departments)


def tell(**told) -> None:
    for teller in _tellers:
        teller(**told)


def things_of(person: User, today: dt.date, departments: Iterable[int] | None = None):
    """What the person holds, in the order of the kinds, one statement; at most AT_MOST things.

    With `departments` (ids) only what they hold for these.
    """
    kinds = list(_kinds.values())
    names = ["row_rank", "row_pk", *(f"row_{name}" for name in COLUMNS)]
    ranks = (Value(rank, models.IntegerField()) for rank in range(len(kinds)))
    parts = [
        _of_departments(kind.rows(person, today), departments)
        .annotate(row_rank=rank)
        .values_list(*names)
        for kind, rank in zip(kinds, ranks, strict=True)
    ]
    rows = parts[0].union(*parts[1:], all=True).order_by("row_rank", "row_day", "row_pk")
    return [Thing(kinds[rank], person, *cells) for rank, *cells in rows[:AT_MOST]]


def as_seen_by(reader: User, things: Iterable[Thing]) -> list[Thing]:
    """The same things; those of tasks that the reader may not see keep their words (R29)."""
    things = list(things)
    tasks = {thing.task_id for thing in things} - {None}
    seen = set().union(*(visible(reader, tasks) for visible in _guards)) if tasks else set()
    return [replace(thing, is_shown=thing.task_id in seen | {None}) for thing in things]


def still_theirs(person: User, today: dt.date) -> list[str]:
    """Everything that has to be handed over first, in words that everybody may read."""
    things = things_of(person, today)
    if not things:
        return [text for question in _questions for text in question(person)]
    return in_words(things)


def in_words(things: Iterable[Thing]) -> list[str]:
    """How many there are of each kind; what belongs to no task by name."""
    by_kind = defaultdict(list)
    for thing in things:
        by_kind[thing.kind.label].append(thing)
    return [pair(label, _names_or_number(of_kind)) for label, of_kind in by_kind.items()]


def _names_or_number(things) -> str:
    is_public = all(thing.task_id is None for thing in things)
    return listing(t.name for t in things) if is_public and len(things) <= 3 else str(len(things))


def _of_departments(rows, departments):
    return rows if departments is None else rows.filter(row_department__in=list(departments))
