"""What needs attention in a week: one list, the worst first (R17, R18)."""

import datetime as dt

from conftest import at
from weekly.attention import Concern, attention
from weekly.report import (
    AT_WORK,
    Alert,
    Item,
    Need,
    Point,
    Problem,
    Promise,
    Report,
    Row,
    in_order,
)

MONDAY = dt.date(2024, 10, 14)
EARLIER = [MONDAY - n * dt.timedelta(weeks=1) for n in (2, 1)]


def row(subtask, planned=60, actual=60, **more):
    values = {
        "subtask": subtask,
        "name": f"子任务{subtask}",
        "department": "销售部",
        "owner": "专员A",
        "start": dt.date(2024, 10, 1),
        "due": dt.date(2024, 10, 31),
        "standing": AT_WORK,
        "planned": planned,
        "actual": actual,
        "reported": actual is not None,
        "lagging": actual is not None and planned - actual > 5,
        "cause": "",
        "reason": "",
        "waits_for": "",
        "expected_finish": None,
        "next_steps": "",
        "moved": 0,
        "last_weeks": (Point(MONDAY, planned, actual),),
    }
    return Row(**values | more)


def week(*rows, **more):
    values = {
        "number": "2024-市场-001",
        "title": "Q4新品上市推广项目",
        "department": "市场部",
        "initiator": "经理D",
        "week": MONDAY,
        "as_of": at("2024-10-21 12:00"),
        "tolerance": 5,
        "rows": in_order(rows),
        "before": None,
    }
    empty = dict.fromkeys(("talks", "items", "problems", "promises", "changes", "alerts"), ())
    return Report(**empty | values | more)


def named(report):
    return [(line.concern, line.what) for line in attention(report)]


def test_a_good_week_asks_for_nothing():
    assert attention(week(row(1), row(2, 60, 57))) == []
    assert attention(week()) == []


def test_the_furthest_behind_stands_first_and_who_is_silent_behind_them():
    report = week(row(1, 60, 50), row(2, 60, None), row(3, 80, 20), row(4, 60, 40))
    assert [line.what for line in attention(report)] == ["子任务3", "子任务4", "子任务1", "子任务2"]


def test_what_nobody_reported_is_never_said_to_be_at_zero():
    (line,) = attention(week(row(1, 60, None)))
    assert (line.concern, line.state) == (Concern.NOT_REPORTED, "never reported")
    assert (line.who, line.since) == ("专员A", MONDAY)
    (line,) = attention(week(row(1, 60, 45, reported=False, lagging=False)))
    assert line.state == "last known 45%"


def test_a_subtask_lags_since_the_first_week_without_a_break():
    points = tuple(Point(week, 50, actual) for week, actual in zip(EARLIER, (50, 30), strict=True))
    (line,) = attention(week(row(1, 60, 40, last_weeks=(*points, Point(MONDAY, 60, 40)))))
    assert (line.concern, line.since) == (Concern.LAG, EARLIER[1])
    assert line.state == "40% of 60% planned"


def test_past_its_due_date_it_is_late_since_that_day_even_when_nearly_done():
    due = dt.date(2024, 10, 16)
    (line,) = attention(week(row(1, 100, 98, due=due, lagging=True)))
    assert (line.concern, line.since) == (Concern.OVERDUE, due)
    sunday = week(row(1, 100, 80, due=MONDAY + dt.timedelta(days=6)), as_of=at("2024-10-20 23:59"))
    assert attention(sunday)[0].concern == Concern.LAG


def test_what_lags_and_did_not_report_is_one_line():
    report = week(row(1, 100, 40, due=MONDAY, reported=False, lagging=True))
    (line,) = attention(report)
    assert line.state == "40% of 100% planned, not reported this week"


def test_the_next_action_is_what_was_asked_for_else_what_it_waits_for_else_its_finish():
    finish = dt.date(2024, 10, 25)
    late = row(1, 60, 40, waits_for="市场部: 海报", expected_finish=finish)
    asked = week(late, needs=(Need(1, "子任务1", "增加人手", "研发部"),))
    assert attention(asked)[0].next_action == "研发部: 增加人手"
    assert attention(week(late))[0].next_action == "市场部: 海报"
    (line,) = attention(week(row(1, 60, 40, expected_finish=finish)))
    assert line.next_action.startswith("Expected finish ")
    assert attention(week(row(1, 60, 40)))[0].next_action == "Say what it needs, and from whom"


def test_promises_issues_and_items_past_their_dates_say_whose_turn_it_is():
    day = dt.date(2024, 10, 15)
    report = week(
        items=tuple(Item("交初稿", "专员C", day, late, None, 7) for late in (True, False)),
        problems=tuple(
            Problem(9, 1, "物料未到", "cross", "solving", "市场部", "专员H", day, day, late, None)
            for late in (True, False)
        ),
        promises=tuple(
            Promise(3, 1, "渠道铺设", "海报", "市场部", "accepted", MONDAY, day, late)
            for late in (True, False)
        ),
    )
    promise, issue, item = attention(report)
    assert (promise.who, promise.since, promise.link) == ("市场部", day, "/tasks/subtasks/1/")
    assert (issue.who, issue.next_action) == ("专员H", "Answer: solved or not")
    assert (item.who, item.link) == ("专员C", "/communications/7/")


def test_a_warning_stands_in_the_list_only_where_nothing_else_says_it():
    alerts = (
        Alert("lag", 1, "子任务1", EARLIER[0]),
        Alert("moved", 1, "子任务1", EARLIER[1]),
        Alert("quiet", None, "", MONDAY),
    )
    report = week(row(1, 60, 40, moved=3), alerts=alerts)
    assert named(report) == [
        (Concern.LAG, "子任务1"),
        (Concern.WARNING, "子任务1"),
        (Concern.WARNING, "Q4新品上市推广项目"),
    ]
    moved, quiet = attention(report)[1:]
    assert moved.state == "due date moved 3 times"
    assert (quiet.who, quiet.link) == ("经理D", None)


def test_silence_is_counted_from_when_it_began():
    report = week(row(1, 60, None), alerts=(Alert("silent", 1, "子任务1", EARLIER[0]),))
    (line,) = attention(report)
    assert (line.concern, line.since) == (Concern.NOT_REPORTED, EARLIER[0])


def test_what_is_finished_needs_nobody_any_more():
    done = row(1, 100, 100, standing="done")
    assert attention(week(done, alerts=(Alert("overdue", 1, "子任务1", EARLIER[0]),))) == []
