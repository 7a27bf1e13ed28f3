"""The last weeks of a subtask as a drawing the size of a word."""

import datetime as dt

from weekly.report import Point
from weekly.sparkline import sparkline

MONDAY = dt.date(2024, 10, 14)


def drawn(*actual):
    return sparkline(Point(MONDAY, 50, percent) for percent in actual)


def test_the_last_week_stands_at_the_right_however_few_there_are():
    assert drawn(0, 100).actual == ("57.3,22.0 84.0,4.0",)
    assert drawn(0, 0, 0, 100).actual[0].endswith("84.0,4.0")


def test_what_nobody_reported_is_a_gap_not_the_bottom():
    line = drawn(20, 40, None, 60)
    assert len(line.actual) == 1
    assert len(line.dots) == 3
    assert line.planned.count(",") == 4


def test_where_nothing_is_known_only_the_plan_is_drawn():
    line = drawn(None, None)
    assert (line.actual, line.dots) == ((), ())
