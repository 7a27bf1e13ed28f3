"""How many duties were kept in time, counted against a count by hand."""

import datetime as dt
import random
from collections import Counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from conftest import SHANGHAI, at
from deadlines import jobs
from deadlines.models import Deadline, Punctuality, Run
from deadlines.punctuality import RECENT, WEEK, count_punctuality

NOW = at("2024-10-17 15:00")
MONDAY = dt.date(2024, 10, 14)
HOUR = dt.timedelta(hours=1)
NUMBERS = iter(range(10**6))

pytestmark = pytest.mark.out_of_step  # the duties here have no subjects


@pytest.fixture
def duty(cast):
    """`duty("2024-10-15 18:00", done="2024-10-15 17:00")`, of 销售部 unless another is named."""

    def _duty(due, done=None, how="done", department=cast.sales, kind="weekly_sync"):
        return Deadline.objects.create(
            kind=kind,
            subject_type="tasks.task",
            subject_id=next(NUMBERS),
            department=department,
            owner=cast.sales_staff,
            what="例会",
            link="/",
            due_at=_moment(due),
            opened_at=at("2024-01-01 09:00"),
            settled_at=_moment(done),
            settled_how=how if done else "",
        )

    return _duty


def _moment(when):
    return at(when) if isinstance(when, str) else when


def counts():
    """{(week, department, kind): (in time, late)} as stored."""
    rows = Punctuality.objects.select_related("department")
    return {(r.week, r.department.short_name, r.kind): (r.kept, r.late) for r in rows}


def by_hand(now, zone):
    """The same by looking at every duty, as the rule is written in docs/deadlines.md."""
    kept, late = Counter(), Counter()
    for duty in Deadline.objects.exclude(department=None).select_related("department"):
        if duty.due_at >= now or duty.settled_how in ("cancelled", "moved"):
            continue
        day = duty.due_at.astimezone(zone).date()
        key = (day - dt.timedelta(days=day.weekday()), duty.department.short_name, duty.kind)
        in_time = duty.settled_how == "done" and duty.settled_at <= duty.due_at
        (kept if in_time else late)[key] += 1
    return {key: (kept[key], late[key]) for key in kept.keys() | late.keys()}


def test_what_was_done_at_the_due_moment_was_in_time(duty):
    duty("2024-10-15 18:00", done="2024-10-15 18:00")
    duty("2024-10-15 18:00", done=at("2024-10-15 18:00") + dt.timedelta(seconds=1))
    duty("2024-10-15 18:00", done="2024-10-10 09:00")
    count_punctuality(NOW)
    assert counts() == {(MONDAY, "销售", "weekly_sync"): (2, 1)}
    assert Punctuality.objects.get().due == 3


def test_what_is_open_and_overdue_is_late(duty):
    duty("2024-10-17 14:59")
    duty("2024-10-17 15:00")  # owed in this very second
    duty("2024-10-18 18:00")
    count_punctuality(NOW)
    assert counts() == {(MONDAY, "销售", "weekly_sync"): (0, 1)}


def test_what_is_not_due_yet_has_not_fallen_due_even_when_done(duty):
    duty("2024-10-18 18:00", done="2024-10-16 09:00")
    count_punctuality(NOW)
    assert counts() == {}


@pytest.mark.parametrize("how", ["cancelled", "moved"])
def test_what_was_cancelled_or_moved_is_left_out(duty, how):
    duty("2024-10-15 18:00", done="2024-10-16 18:00", how=how)
    count_punctuality(NOW)
    assert counts() == {}


def test_a_week_begins_on_monday_at_midnight_in_the_organisations_zone(duty):
    duty("2024-10-13 23:59", done="2024-10-13 12:00")
    duty("2024-10-14 00:00", done="2024-10-13 12:00")
    count_punctuality(NOW)
    assert counts() == {
        (MONDAY - WEEK, "销售", "weekly_sync"): (1, 0),
        (MONDAY, "销售", "weekly_sync"): (1, 0),
    }


def test_departments_and_kinds_are_counted_apart(duty, cast):
    duty("2024-10-15 18:00", department=cast.market)
    duty("2024-10-15 18:00", kind="progress_update")
    duty("2024-10-15 18:00", department=None)
    count_punctuality(NOW)
    assert counts() == {
        (MONDAY, "市场", "weekly_sync"): (0, 1),
        (MONDAY, "销售", "progress_update"): (0, 1),
    }


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "America/Nuuk"])
def test_a_random_company_is_counted_as_by_hand(duty, cast, zone):
    Organisation.objects.update(time_zone=zone)
    chance = random.Random(zone)
    departments = [cast.sales, cast.market, cast.research, None]
    for _ in range(300):
        due = NOW + chance.randrange(-24 * 7 * (RECENT - 1), 24 * 7) * HOUR
        done = due + chance.choice([-30, -1, 0, 1, 30]) * HOUR
        duty(
            due,
            done=chance.choice([None, done]),
            how=chance.choice(["done", "done", "cancelled", "moved"]),
            department=chance.choice(departments),
            kind=chance.choice(["weekly_sync", "progress_update"]),
        )
    zone = Organisation.current().zone
    for now in (NOW, NOW + 5 * HOUR, NOW + dt.timedelta(days=9)):
        count_punctuality(now)
        assert counts() == by_hand(now, zone)


def test_counting_twice_changes_nothing(duty):
    duty("2024-10-15 18:00")
    assert count_punctuality(NOW) == {"weeks": RECENT, "changed": 1}
    stored = list(Punctuality.objects.values_list())
    assert count_punctuality(NOW) == {"weeks": RECENT, "changed": 0}
    assert list(Punctuality.objects.values_list()) == stored


def test_what_changes_in_a_recent_week_changes_its_count(duty):
    late, moved = duty("2024-09-30 18:00"), duty("2024-09-23 18:00")
    count_punctuality(NOW)
    assert set(counts().values()) == {(0, 1)}
    for row, settled_at, how in [
        (late, at("2024-09-30 09:00"), "done"),  # recorded afterwards
        (moved, NOW, "moved"),
    ]:
        Deadline.objects.filter(pk=row.pk).update(settled_at=settled_at, settled_how=how)
    count_punctuality(NOW)
    assert counts() == {(dt.date(2024, 9, 30), "销售", "weekly_sync"): (1, 0)}


def test_an_old_week_is_counted_once_and_then_stands(duty):
    old, _recent = duty("2022-03-02 18:00"), duty("2024-10-15 18:00")
    count_punctuality(NOW)
    assert counts() == by_hand(NOW, SHANGHAI)
    Deadline.objects.filter(pk=old.pk).update(settled_at=NOW, settled_how="cancelled")
    count_punctuality(NOW)
    assert counts()[dt.date(2022, 2, 28), "销售", "weekly_sync"] == (0, 1)


def test_after_half_a_year_without_a_worker_no_week_is_missing(duty):
    duty("2024-04-10 18:00")
    count_punctuality(at("2024-04-15 09:00"))
    duty("2024-06-05 18:00", done="2024-06-01 18:00")
    count_punctuality(NOW)
    assert counts() == by_hand(NOW, SHANGHAI)


def test_a_first_run_that_was_killed_goes_on_where_it_was(duty, monkeypatch):
    """It begins with the oldest week, so that nothing before the last one counted is missing."""
    from deadlines import punctuality

    duties = [duty(f"2024-0{month}-05 18:00") for month in (1, 3, 5)]
    whole = punctuality._count

    def killed(week, *rest):
        if week > dt.date(2024, 3, 10):
            raise KeyboardInterrupt
        return whole(week, *rest)

    monkeypatch.setattr(punctuality, "_count", killed)
    with pytest.raises(KeyboardInterrupt):
        count_punctuality(NOW)
    assert len(counts()) == 2
    monkeypatch.setattr(punctuality, "_count", whole)
    count_punctuality(NOW)
    assert len(counts()) == len(duties)


def test_the_hourly_run_asks_the_same_however_much_is_stored(duty):
    def cost():
        count_punctuality(NOW)
        with CaptureQueriesContext(connection) as captured:
            count_punctuality(NOW)
        return len(captured)

    duty("2024-10-15 18:00")
    few = cost()
    for _ in range(30):
        duty("2024-10-15 18:00")
        duty("2023-01-10 18:00")
    assert cost() == few


def test_the_job_is_remembered_with_its_counts(db):
    assert jobs.count_punctuality() == {"weeks": RECENT, "changed": 0}
    assert Run.objects.get(pk="count_punctuality").result["weeks"] == RECENT
