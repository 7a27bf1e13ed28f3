"""The plan on a line of days: where bars lie, what is shaded, what waits for what."""

import datetime as dt
from itertools import pairwise

import pytest

from dashboards import gantt
from deadlines.policies import WorkCalendar

TODAY = dt.date(2024, 10, 16)
WORKING = WorkCalendar({dt.date(2024, 10, 1): False}).is_working


def row(key="a", group="市场部", first="2024-10-07", last="2024-10-13", **more):
    defaults = {"name": key, "note": "", "link": "/", "look": "open", "words": "", "label": key}
    period = {"first": dt.date.fromisoformat(first), "last": dt.date.fromisoformat(last)}
    return gantt.Row(key=key, group=group, **defaults | period | more)


def plan(*rows, today=TODAY):
    return gantt.lay_out(rows, today=today, is_working=WORKING)


def percent(text):
    assert text.endswith("%")
    return float(text[:-1])


def bars(plan):
    return [strip.bar for strip in plan.strips if strip.bar]


def test_nothing_planned_is_no_drawing():
    assert plan() is None


def test_a_bar_covers_its_last_day_and_is_filled_as_far_as_reported():
    whole = plan(row(last="2024-10-20", percent=50), today=dt.date(2024, 10, 10))
    (bar,) = bars(whole)
    assert percent(bar.x) == 0
    assert percent(bar.done) * 2 == pytest.approx(percent(bar.width), abs=0.01)
    assert percent(bar.end) == percent(bar.width)


def test_bars_stay_left_of_the_room_for_their_words():
    words = "已接受，改期交付 · 延迟12天"
    (bar,) = bars(plan(row(words=words, over=TODAY)))
    assert percent(bar.over.x) + percent(bar.over.width) == pytest.approx(
        percent(bar.words_at), abs=0.01
    )
    assert percent(bar.words_at) < 80


def test_every_group_has_its_name_once_and_says_how_many_follow():
    strips = plan(row("a"), row("b"), row("c", group="销售部")).strips
    assert [(s.group, s.count) for s in strips if s.group] == [("市场部", 2), ("销售部", 1)]


def test_a_delivery_points_at_the_bar_that_waits_for_it():
    strips = plan(row("a", feeds="c"), row("b"), row("c", group="销售部")).strips
    crossing = [strip.pieces for strip in strips[1:]]
    assert [len(pieces) for pieces in crossing] == [1, 1, 1, 1], "through each row between"
    assert [pieces[0].is_tip for pieces in crossing] == [False, False, False, True]
    assert crossing[3][0].end < gantt.ROW / 2, "from above, ends at the upper edge"


def test_an_arrow_upwards_ends_at_the_lower_edge():
    strips = plan(row("a"), row("b", feeds="a")).strips
    (tip,) = strips[1].pieces
    assert tip.is_tip
    assert tip.start == gantt.ROW
    assert tip.end > gantt.ROW / 2


def test_an_arrow_to_what_is_not_shown_is_left_out():
    assert not any(strip.pieces for strip in plan(row("a", feeds="gone")).strips)


def test_today_is_drawn_unless_it_is_far_away():
    assert plan(row()).today is not None
    assert plan(row(), today=dt.date(2026, 1, 5)).today is None


def test_days_off_are_shaded_as_long_as_one_could_see_them():
    (holiday, *weekends) = plan(row(first="2024-09-30")).off
    assert percent(holiday.width) * 2 == pytest.approx(percent(weekends[0].width), abs=0.01)
    assert plan(row(last="2025-10-13")).off == []


def test_dates_along_the_line_do_not_touch():
    for last in ("2024-10-20", "2024-12-31", "2025-06-30", "2027-12-31"):
        drawn = plan(row(last=last))
        least = {"days": 600, "weeks": 840, "months": 1100}[drawn.scale]
        places = [percent(mark.x) * least / 100 for mark in drawn.days]
        gaps = [b - a for a, b in pairwise(places)]
        assert min(gaps, default=gantt.LABEL) >= gantt.LABEL - 1, last
