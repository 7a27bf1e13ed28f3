"""The kinds of deadlines and their ladders of reminders. Each app registers its own when ready."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from deadlines.models import Deadline


@dataclass(frozen=True)
class Step:
    """One rung of a ladder: when, from the due moment, and who is told."""

    code: str
    offset: dt.timedelta
    audience: Callable[[Deadline], list]
    """The people to be told, given the deadline."""


def the_owner(deadline: Deadline) -> list:
    return [deadline.owner]


def the_owner_and_head(deadline: Deadline) -> list:
    """The owner, and the head of the owner's main department (R30: then up the line)."""
    department = deadline.owner.main_department
    head = department.head if department else None
    return [deadline.owner] + ([head] if head and head != deadline.owner else [])


@dataclass(frozen=True)
class Kind:
    """What is owed: its name, what to do, its ladder, and who may be told of it."""

    code: str
    label: str
    ladder: tuple[Step, ...]
    may_see: Callable
    """`(user, deadline) -> bool`, asked again at delivery: no mail about what one may not see."""


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def get(code: str) -> Kind:
    """The kind of a deadline; KeyError when no app registered it."""
    return _kinds[code]


def all_kinds() -> list[Kind]:
    return list(_kinds.values())
