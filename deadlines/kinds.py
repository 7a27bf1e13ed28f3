"""The kinds of deadlines and their ladders of reminders. Each app registers its own when ready.

Also how to ask whether a person may see what a mail is about; this package knows no task.
"""

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

    def __post_init__(self):
        offsets = [step.offset for step in self.ladder]
        if not offsets or sorted(set(offsets)) != offsets:
            raise ValueError(f"{self.code}: a ladder has steps, one after the other.")
        if len({step.code for step in self.ladder}) != len(offsets):
            raise ValueError(f"{self.code}: two steps of a ladder have the same code.")

    def moments(self, due_at: dt.datetime) -> list[dt.datetime]:
        """When each step of the ladder is told, in order."""
        return [due_at + step.offset for step in self.ladder]


_kinds: dict[str, Kind] = {}
_guards: list[Callable] = []


def register(kind: Kind) -> None:
    _kinds[kind.code] = kind


def get(code: str) -> Kind:
    """The kind of a deadline; KeyError when no app registered it."""
    return _kinds[code]


def codes() -> list[str]:
    """The codes of the kinds that apps have registered."""
    return list(_kinds)


def guard_notices(may_see: Callable) -> None:
    """`(user, event) -> bool`: asked before a person is mailed a change in a task (R29)."""
    _guards.append(may_see)


def may_see_event(user, event) -> bool:
    """Whether a person may be told of a change; one outside any task is for whom it was told."""
    return event.task_id is None or any(may_see(user, event) for may_see in _guards)
