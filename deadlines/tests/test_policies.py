"""When things are due, to the second; the table of docs/deadlines.md."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from conftest import SHANGHAI
from deadlines.policies import end_of_day, first_look, late_by, log_due, next_look, week_of

NEW_YORK = ZoneInfo("America/New_York")
HAVANA = ZoneInfo("America/Havana")
SECOND = dt.timedelta(seconds=1)


def utc(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def local(text, zone, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


@pytest.mark.parametrize(
    ("ends_at", "due_at"),
    [
        (local("2024-10-05 15:30", SHANGHAI), utc("2024-10-06 07:30")),
        # 28 February of a leap year, over midnight, over the year's end.
        (local("2024-02-28 18:00", SHANGHAI), utc("2024-02-29 10:00")),
        (local("2024-12-31 23:59:59", SHANGHAI), utc("2025-01-01 15:59:59")),
        # Clocks go forward: 15:30 becomes 16:30 on the wall, still 24 hours later.
        (local("2024-03-09 15:30", NEW_YORK), utc("2024-03-10 20:30")),
        # Clocks go back: 15:30 becomes 14:30.
        (local("2024-11-02 15:30", NEW_YORK), utc("2024-11-03 19:30")),
        # The hour that happens twice: the second 01:30 is an hour after the first.
        (local("2024-11-03 01:30", NEW_YORK, fold=0), utc("2024-11-04 05:30")),
        (local("2024-11-03 01:30", NEW_YORK, fold=1), utc("2024-11-04 06:30")),
    ],
)
def test_a_log_is_due_24_natural_hours_after_the_end(ends_at, due_at):
    """R13."""
    assert log_due(ends_at) == due_at
    assert late_by(due_at, due_at - SECOND) is None
    assert late_by(due_at, due_at) is None, "exactly 24:00:00 is in time"
    assert late_by(due_at, due_at + SECOND) == SECOND


@pytest.mark.parametrize(
    ("date", "zone", "last_second"),
    [
        ("2024-10-15", SHANGHAI, utc("2024-10-15 15:59:59")),
        ("2024-02-29", SHANGHAI, utc("2024-02-29 15:59:59")),
        ("2024-12-31", SHANGHAI, utc("2024-12-31 15:59:59")),
        # The days on which clocks change end in the zone's new time.
        ("2024-03-10", NEW_YORK, utc("2024-03-11 03:59:59")),
        ("2024-11-03", NEW_YORK, utc("2024-11-04 04:59:59")),
        # 2 November 2024 was summer time to its end; in Havana clocks go back at 01:00 to 00:00.
        ("2024-11-02", HAVANA, utc("2024-11-03 03:59:59")),
        # São Paulo went back at midnight: 23:59:59 came twice, the day ended with the second.
        ("2018-02-17", ZoneInfo("America/Sao_Paulo"), utc("2018-02-18 02:59:59")),
    ],
)
def test_what_is_due_on_a_day_is_due_at_its_last_second(date, zone, last_second):
    due_at = end_of_day(dt.date.fromisoformat(date), zone)
    assert due_at == last_second
    assert due_at.astimezone(zone).date() == dt.date.fromisoformat(date)
    assert (due_at + SECOND).astimezone(zone).date() > dt.date.fromisoformat(date)
    assert late_by(due_at, due_at) is None
    assert late_by(due_at, due_at + SECOND) == SECOND


@pytest.mark.parametrize(
    ("day", "monday"),
    [("2024-10-14", "2024-10-14"), ("2024-10-20", "2024-10-14"), ("2024-10-21", "2024-10-21")],
)
def test_weeks_run_from_monday_to_sunday(day, monday):
    assert week_of(dt.date.fromisoformat(day)) == dt.date.fromisoformat(monday)


MOMENTS = [utc("2024-10-13 00:00"), utc("2024-10-15 00:00"), utc("2024-10-17 00:00")]


@pytest.mark.parametrize(
    ("now", "first", "then"),
    [
        (MOMENTS[0] - SECOND, MOMENTS[0], MOMENTS[0]),
        (MOMENTS[0], MOMENTS[0], MOMENTS[1]),
        (MOMENTS[0] + SECOND, MOMENTS[0], MOMENTS[1]),
        (MOMENTS[2] - SECOND, MOMENTS[1], MOMENTS[2]),
        (MOMENTS[2], MOMENTS[2], None),
        (utc("2026-01-01 00:00"), MOMENTS[2], None),
    ],
)
def test_a_ladder_that_begins_late_begins_with_its_latest_step(now, first, then):
    assert first_look(MOMENTS, now) == first
    assert next_look(MOMENTS, now) == then
