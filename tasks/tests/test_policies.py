"""Coverage, measurable targets, planned progress, weeks of work."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.policies import (
    Promise,
    coverage,
    is_measurable,
    planned_percent,
    task_number,
    weeks_of_work,
    weeks_owed,
)


@pytest.mark.parametrize(
    ("promises", "gaps", "overlaps"),
    [
        ([], (1, 2), ()),
        ([Promise(1, 10, "")], (2,), ()),
        ([Promise(1, 10, ""), Promise(2, 11, "")], (), ()),
        ([Promise(1, 10, ""), Promise(1, 11, ""), Promise(2, 11, "")], (), (1,)),
        ([Promise(1, 10, "华东"), Promise(1, 11, "华南"), Promise(2, 11, "")], (), ()),
        ([Promise(1, 10, "华东"), Promise(1, 11, " 华东 "), Promise(2, 11, "")], (), (1,)),
        ([Promise(1, 10, "华东"), Promise(1, 10, ""), Promise(2, 11, "")], (), (1,)),
    ],
)
def test_a_work_item_is_taken_once_or_split_with_scopes(promises, gaps, overlaps):
    """R11."""
    cover = coverage([1, 2], promises)
    assert (cover.gaps, cover.overlaps) == (gaps, overlaps)
    assert cover.complete == (not gaps and not overlaps)


@pytest.mark.parametrize(
    ("metric", "number", "unit", "date", "measurable"),
    [
        ("销售额", 500, "万元", None, True),
        ("销售额", 0, "万元", None, True),
        ("销售额", 500, " ", None, False),
        ("上线", None, "", dt.date(2024, 10, 31), True),
        (" ", 500, "万元", None, False),
        ("销售额", None, "万元", None, False),
    ],
)
def test_a_target_needs_a_number_with_a_unit_or_a_date(metric, number, unit, date, measurable):
    """R6."""
    assert is_measurable(metric, number, unit, date) is measurable


@given(st.dates(), st.integers(0, 400), st.integers(-10, 420))
def test_planned_progress_grows_from_0_to_100(start, length, day):
    due = min(start.toordinal() + length, dt.date.max.toordinal() - 500)
    start = dt.date.fromordinal(min(start.toordinal(), due))
    due = dt.date.fromordinal(due)
    on = dt.date.fromordinal(max(start.toordinal() + day, 1))
    percent = planned_percent(start, due, on)
    assert 0 <= percent <= 100
    assert percent == 100 or on < due
    assert percent <= planned_percent(start, due, on + dt.timedelta(days=1))


def test_companies_write_their_numbers_differently():
    """R5."""
    values = {"year": 2024, "department": "HR", "sequence": 1}
    assert task_number("{department}-{year}-{sequence:03d}", **values) == "HR-2024-001"


@pytest.mark.parametrize(
    ("first", "last", "over", "running"),
    [
        ("2024-10-01", "2024-10-01", [], "2024-09-30"),
        ("2024-10-01", "2024-10-06", [], "2024-09-30"),
        ("2024-10-01", "2024-10-07", ["2024-09-30"], "2024-10-07"),
        ("2024-10-07", "2024-10-20", ["2024-10-07"], "2024-10-14"),
        ("2024-12-30", "2025-01-13", ["2024-12-30", "2025-01-06"], "2025-01-13"),
    ],
)
def test_the_weeks_of_work_are_those_that_are_over_and_the_running_one(first, last, over, running):
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    assert [week.isoformat() for week in weeks_owed(*days)] == over
    assert [week.isoformat() for week in weeks_of_work(*days)] == [*over, running]


def test_work_that_begins_in_a_later_week_owes_none():
    days = dt.date(2024, 10, 20), dt.date(2024, 10, 1)
    assert weeks_of_work(*days) == weeks_owed(*days) == []
