"""A kind of deadline of the tests' own, and a clock that is set by hand."""

import datetime as dt

import pytest

from accounts.models import Department
from conftest import at
from deadlines import kinds
from deadlines.models import Deadline
from deadlines.policies import Due, Rule
from deadlines.services import keep_duties

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
def debts():
    """What the subjects of the kind owe, by their id; take one out and it owes nothing."""
    return {}


@pytest.fixture
def kind(monkeypatch, debts):
    """Told a day before, at, an hour after (to the head too) and a day after the due moment."""
    kind = kinds.Kind(
        code="test",
        label="Hand over the poster",
        rule="when it is due",
        model=Department,
        may_owe=lambda: Department.objects.filter(pk__in=list(debts)),
        owed=lambda subject, terms: [debts[subject.pk]],
        ladder=kinds.ladder("-1d owner", "0m owner", "+1h owner head", "+1d owner head"),
    )
    monkeypatch.setitem(kinds._kinds, "test", kind)
    return kind


@pytest.fixture
def owe(kind, debts, cast):
    """`owe(owner)` opens a deadline of the kind; its subject is a row made for it."""
    names = (f"事{number}" for number in range(10_000))

    def _owe(owner=cast.sales_staff, *, due_at=DUE, opened_at=DUE - 7 * DAY, what="宣传海报"):
        subject = Department.objects.create(name=(name := next(names)), short_name=name)
        debts[subject.pk] = debt(owner, due_at, what)
        keep_duties(subject, now=opened_at)
        return Deadline.objects.open().of(subject).get()

    return _owe


def debt(owner, due_at=DUE, what="宣传海报"):
    return kinds.Owed(
        owner=owner,
        due=Due(due_at, Rule.HOURS, due_at - 24 * HOUR, 24),
        what=what,
        link="/poster/",
        department=owner.main_department,
    )


@pytest.fixture
def settle(debts):
    """`settle(deadline, now)`: it is done."""

    def _settle(deadline, now):
        del debts[deadline.subject_id]
        keep_duties(Department.objects.get(pk=deadline.subject_id), now=now)

    return _settle
