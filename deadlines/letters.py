"""Letters: events that are told in full, each in a mail of its own (Message.stands_alone).

Apps register how theirs read; all other events are told in a line and their changes.
"""

import datetime as dt
from collections.abc import Callable
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


_letters: dict[str, Letter] = {}


def register(letter: Letter, *actions: str) -> None:
    """Events of these actions are told by this letter."""
    _letters.update(dict.fromkeys(actions, letter))


def of(event: Event) -> Letter | None:
    return _letters.get(event.action)
