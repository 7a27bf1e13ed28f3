"""A kind of deadline of the tests' own, and a clock that is set by hand."""

import datetime as dt

import pytest

from conftest import at
from deadlines import kinds
from deadlines.services import open_deadline

DUE = at("2024-10-15 18:00")
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)


class Clock:
    """Stands still until it is set: `clock.now += DAY`."""

    def __init__(self, now):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock(DUE)


@pytest.fixture
def kind(monkeypatch):
    """Told a day before, at, an hour after (to the head too) and a day after the due moment."""
    kind = kinds.Kind(
        code="test",
        label="Hand over the poster",
        ladder=(
            kinds.Step("before", -DAY, kinds.the_owner),
            kinds.Step("at", 0 * DAY, kinds.the_owner),
            kinds.Step("after", HOUR, kinds.the_owner_and_head),
            kinds.Step("last", DAY, kinds.the_owner_and_head),
        ),
        may_see=lambda user, deadline: True,
    )
    monkeypatch.setitem(kinds._kinds, "test", kind)
    return kind


@pytest.fixture
def owe(kind, cast):
    """`owe(owner)` opens a deadline of the kind; its subject only has to be some row."""
    subjects = iter(range(1, 10_000))

    def _owe(owner=cast.sales_staff, *, due_at=DUE, opened_at=DUE - 7 * DAY, what="宣传海报"):
        subject = type(cast.sales)(pk=next(subjects))
        return open_deadline(
            kind="test",
            subject=subject,
            owner=owner,
            due_at=due_at,
            what=what,
            link="/poster/",
            now=opened_at,
        )

    return _owe
