"""The kinds of duties: what is owed, when it is due, who is reminded. Apps register their own.

Also who may be told what: this package knows no task, so it asks.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import models

from accounts.models import Department, User
from deadlines.policies import Due, Step


def ladder(*steps: str) -> tuple[Step, ...]:
    """The rungs that lines such as "+4h owner head" write."""
    return tuple(Step.parse(*line.split()) for line in steps)


HOURS_LADDER = ladder(
    "-4h owner",
    "-1h owner",
    "0m owner",
    "+4h owner contact head",
    "+24h owner head senior",
)
"""For what is due within 24 hours."""

DAY_LADDER = ladder(
    "-2w@09:00 owner",
    "0d@09:00 owner",
    "+1w@09:00 owner contact",
    "+2w@09:00 owner contact head",
    "+5w@09:00 owner head senior",
)
"""For what is due on a day."""

ANSWER_LADDER = ladder(
    "-1w@09:00 owner",
    "0d@09:00 owner",
    "+1w@09:00 owner contact head",
    "+3w@09:00 owner head senior",
)
"""For an answer that others wait for."""


@dataclass(frozen=True)
class Owed:
    """One thing that one person owes, as its subject now stands."""

    owner: User
    due: Due
    what: str
    """The subject in the people's own words."""
    link: str
    """Path of the exact form that settles it."""
    task: models.Model | None = None
    department: models.Model | None = None
    """Whose line is told after the owner: its contact, head, senior manager (R30)."""
    period: str = ""
    """The Monday of the week (ISO), for what is owed anew every week."""


@dataclass(frozen=True)
class Kind:
    """A kind of duty."""

    code: str
    label: str
    """What is to be done, e.g. "Complete the log"."""
    rule: str
    """When it is due, in words."""
    model: type[models.Model]
    may_owe: Callable[[], models.QuerySet]
    """The subjects that may owe something, with what `owed` reads; all others owe nothing."""
    owed: Callable[..., list[Owed]]
    """`(subject, terms)`: what one of them owes as it now stands. The one source of truth."""
    ladder: tuple[Step, ...]
    within: int | None = None
    """As shipped, for kinds that are due within so many working days."""

    def __post_init__(self):
        if not self.ladder or len({step.code for step in self.ladder}) != len(self.ladder):
            raise ValueError(f"{self.code}: a ladder has steps, each of them once.")


_kinds: dict[str, Kind] = {}
_guards: list[Callable] = []
_namers: list[Callable] = []
_lockers: list[Callable] = []
_explainers: list[Callable] = []


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def get(code: str) -> Kind:
    """The kind of a deadline; KeyError when no app registered it."""
    return _kinds[code]


def every() -> list[Kind]:
    """The kinds that apps have registered, in the order of the story."""
    return list(_kinds.values())


def codes() -> list[str]:
    return list(_kinds)


def about(model: type[models.Model]) -> list[Kind]:
    """The kinds whose subject is a row of this model."""
    return [kind for kind in _kinds.values() if kind.model is model]


def guard(visible_tasks: Callable[[User, set[int]], set[int]]) -> None:
    """Registers who may see which tasks: `(user, ids) -> ids`. Asked before anything is told."""
    _guards.append(visible_tasks)


def visible_tasks(user: User, ids: Iterable[int | None]) -> set[int | None]:
    """Those of the tasks that the person may see (R29); None, outside any task, is for all."""
    asked = set(ids)
    tasks = asked - {None}
    seen = set().union(*(may_see(user, tasks) for may_see in _guards)) if tasks else set()
    return seen | (asked & {None})


def explain(parts_in: Callable[[User, set[int]], dict[int, str]]) -> None:
    """Registers what a person's part in tasks is, in words: `(user, ids) -> {id: words}`."""
    _explainers.append(parts_in)


def parts_in(user: User, tasks: Iterable[int | None]) -> dict[int, str]:
    """Why a change in a task concerns the person, in words; nothing where nobody knows."""
    wanted = set(tasks) - {None}
    found = {}
    for parts_of in _explainers if wanted else ():
        found |= parts_of(user, wanted)
    return found


def name_contacts(contacts_in: Callable[[set[int]], dict[tuple[int, int], User]]) -> None:
    """Registers who acts for a department in a task: `(task ids) -> {(task, department): user}`."""
    _namers.append(contacts_in)


def named_contacts(tasks: Iterable[int | None]) -> dict[tuple[int, int], User]:
    """Who was named to act for a department in one of these tasks only."""
    wanted = set(tasks) - {None}
    found = {}
    for contacts_in in _namers if wanted else ():
        found |= contacts_in(wanted)
    return found


def lock_with(lock_tasks_of: Callable[[Department], None]) -> None:
    """Registers how the tasks that a department takes part in are locked."""
    _lockers.append(lock_tasks_of)


def lock_tasks_of(department: Department) -> None:
    """Until the transaction ends nobody else changes a task that the department takes part in."""
    for lock in _lockers:
        lock(department)
