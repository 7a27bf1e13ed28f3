"""What has to follow when the organisation changes.

This package knows who heads a department and how its days are counted. What is owed is kept
further up; the packages that stand on this one register what they do about a change when ready
(as in leaving.py). It runs in the transaction of the change: both happen, or neither.
"""

import datetime as dt
from collections.abc import Callable

from accounts.models import Department

FollowLine = Callable[[Department, dt.datetime], None]
"""Takes a department whose head, contacts or department above changed, and the moment."""

FollowClock = Callable[[dt.datetime], None]
"""Takes the moment from which everything owed is to be reckoned anew."""

_lines: list[FollowLine] = []
_clocks: list[FollowClock] = []


def register(follow: FollowLine) -> None:
    if follow not in _lines:
        _lines.append(follow)


def register_clock(follow: FollowClock) -> None:
    if follow not in _clocks:
        _clocks.append(follow)


def line_changed(department: Department, now: dt.datetime) -> None:
    """Somebody else now answers for the department: what the one before owed moves on."""
    for follow in _lines:
        follow(department, now)


def clock_changed(now: dt.datetime) -> None:
    """The time zone or the moving of Monday noon changed: due moments are reckoned anew."""
    for follow in _clocks:
        follow(now)


def person_moved(now: dt.datetime) -> None:
    """Somebody belongs elsewhere: another line is told of what they owe."""
    for follow in _clocks:
        follow(now)
