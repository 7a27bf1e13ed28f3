"""How apps have their events told: letters, in full and in a mail of their own
(Message.stands_alone), and what is to be done about an event.

All others are told in a line and their changes.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.models import User
from audit.models import Event


@dataclass(frozen=True)
class Letter:
    """How a letter is written: what it says, and the templates that say it."""

    load: Callable[[Event, User, dt.datetime], dict]
    """`(event, reader, now)`: the context of the templates, asked for when the mail leaves and in
    the reader's language. Raises told.Withdrawn when the reader shall not have it any more."""
    subject: str
    text: str
    html: str
    secrets: tuple[str, ...] = ()
    """Names in the context that only the mail itself says: the database and every page have … in
    their place."""


_letters: dict[str, Letter] = {}
_next_steps: dict[str, str] = {}


def register(letter: Letter, *actions: str) -> None:
    """Events of these actions are told by this letter."""
    _letters.update(dict.fromkeys(actions, letter))


def of(event: Event) -> Letter | None:
    return _letters.get(event.action)


def suggest(next_steps: Mapping[str, str]) -> None:
    """What is to be done about events of these actions, in a few words; their link leads there."""
    _next_steps.update(next_steps)


def next_step(event: Event) -> str:
    """In the active language; "" where an event asks for nothing."""
    return str(_next_steps.get(event.action, ""))
