"""Laws that hold for every day, zone and calendar: steps, working days, noon, quiet hours."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from accounts.models import User
from deadlines import kinds
from deadlines.outbox import leaves_at
from deadlines.policies import (
    NOON,
    Step,
    WorkCalendar,
    due_monday_noon,
    due_within_days,
    week_of,
)

FIRST, LAST = dt.date(2024, 1, 1), dt.date(2028, 12, 31)
ONE_DAY = dt.timedelta(days=1)

days = st.dates(FIRST, LAST)
mondays = days.map(week_of)
zones = st.sampled_from(
    ["Asia/Shanghai", "America/New_York", "Pacific/Apia", "America/Nuuk", "Australia/Lord_Howe"]
).map(ZoneInfo)
moments = st.integers(0, 5 * 366 * 24 * 60 * 60).map(
    lambda seconds: dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
)
calendars = st.dictionaries(days, st.booleans(), max_size=40).map(WorkCalendar)
holidays = st.tuples(mondays, st.integers(1, 12)).map(
    lambda span: WorkCalendar({span[0] + n * ONE_DAY: False for n in range(span[1])})
)
"""A holiday that begins on a Monday, and lasts."""
counts = st.integers(-30, 30)
minutes = st.times().map(lambda time: time.replace(second=0, microsecond=0))
roles = st.lists(
    st.sampled_from(["owner", "contact", "head", "senior"]), min_size=1, unique=True
).map(tuple)
steps = st.builds(
    Step, st.integers(-999, 999), st.sampled_from("dw"), st.none() | minutes, roles
) | st.builds(Step, st.integers(-999, 999), st.sampled_from("mh"), st.none(), roles)


@given(step=steps)
def test_a_step_is_read_as_it_was_written(step):
    assert Step.parse(step.code, *step.roles) == step
    assert kinds.ladder(step.line) == (step,)


@given(text=st.text("+-0129mhdw@:", max_size=9))
def test_what_is_read_is_a_step_or_refused(text):
    try:
        step = Step.parse(text, "owner")
    except ValueError:
        return
    assert Step.parse(step.code, "owner") == step


@given(calendar=calendars | holidays, day=days, count=counts)
def test_counted_days_are_working_days_and_all_of_them(calendar, day, count):
    found = calendar.after(day, count)
    assert count == 0 or calendar.is_working(found)
    ahead = 1 if found > day else -1
    between = [day + n * ahead * ONE_DAY for n in range(1, abs((found - day).days) + 1)]
    assert ahead * sum(map(calendar.is_working, between)) == count


@given(calendar=calendars | holidays, day=days, first=st.integers(0, 15), more=st.integers(0, 15))
def test_counting_goes_on_where_it_stopped_and_comes_back(calendar, day, first, more):
    assert calendar.after(calendar.after(day, first), more) == calendar.after(day, first + more)
    assert calendar.after(calendar.after(day, -first), -more) == calendar.after(day, -first - more)
    assume(calendar.is_working(day))
    assert calendar.after(calendar.after(day, first), -first) == day


@given(
    calendar=calendars | holidays,
    zone=zones,
    since=st.lists(moments, min_size=2, max_size=2).map(sorted),
    count=st.integers(1, 20),
)
def test_later_or_longer_is_never_due_earlier(calendar, zone, since, count):
    early, late = (due_within_days(count, each, zone, calendar).at for each in since)
    assert since[0] < early <= late
    assert late < due_within_days(count + 1, since[1], zone, calendar).at


@given(calendar=calendars | holidays, zone=zones, week=mondays, moves=st.booleans())
def test_monday_noon_is_noon_of_the_first_working_day_from_monday_on(calendar, zone, week, moves):
    due = due_monday_noon(week, zone, calendar, moves=moves)
    local, monday = due.at.astimezone(zone), week + 7 * ONE_DAY
    assert local.timetz().replace(tzinfo=None) == NOON
    wanted = (monday + n * ONE_DAY for n in range(99))
    first = next(day for day in wanted if calendar.is_working(day))
    assert local.date() == (first if moves else monday)
    assert (due.at == due.since) == (local.date() == monday)


@given(
    zone=zones,
    now=moments,
    quiet=st.lists(minutes, min_size=2, max_size=2, unique=True),
    ahead=st.none() | st.timedeltas(-ONE_DAY, 2 * ONE_DAY),
)
def test_quiet_hours_delay_a_mail_by_less_than_a_day_and_never_past_its_moment(
    zone, now, quiet, ahead
):
    person = User(quiet_from=quiet[0], quiet_until=quiet[1])
    due_at = None if ahead is None else now + ahead
    leaves = leaves_at(person, now, zone=zone, not_after=due_at)
    assert now <= leaves <= now + dt.timedelta(hours=25)
    assert due_at is None or leaves <= max(now, due_at)
    free = leaves_at(person, now, zone=zone)
    assert leaves_at(person, free, zone=zone) == free, "outside of quiet hours nothing waits"
    assert leaves == (free if due_at is None else max(now, min(free, due_at)))
    assert leaves_at(User(), now, zone=zone, not_after=due_at) == now
