"""Coverage, measurable targets, planned progress."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.policies import Promise, coverage, is_measurable, planned_percent, task_number


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
