"""What endangers a task is told to owner, head and initiator, once per cause (R18)."""

import datetime as dt

import pytest

from conftest import at
from deadlines.models import Notice
from tasks.services import assignment, support
from weekly.models import EarlyWarning
from weekly.services.warnings import watch_all, watch_recent
from weekly.warnings import AT_RISK, OFF_TRACK, ON_TRACK, status_of


def open_warnings():
    rows = EarlyWarning.objects.open().order_by("rule", "key")
    return [(row.rule, str(row.subtask or "")) for row in rows]


def told(rule):
    return [n.recipient.name for n in Notice.objects.filter(event__action=f"warning.{rule}")]


def test_a_subtask_behind_its_plan_warns_at_once_and_once(report, cast):
    report("渠道铺设", 60, "10-10 17:00", cause="waiting", reason="海报晚到")
    assert open_warnings() == [("lag", "渠道铺设")]
    people = [cast.sales_staff.name, cast.sales_head.name, cast.market_head.name]
    assert sorted(told("lag")) == sorted(people)
    for hour in (18, 19):
        assert watch_all(at(f"2024-10-10 {hour}:00")) == 0
    assert len(told("lag")) == 3


def test_it_is_over_when_the_subtask_has_caught_up_and_a_new_one_when_it_falls_again(report):
    said = {"cause": "waiting", "reason": "海报晚到"}
    report("渠道铺设", 20, "10-04 17:00", **said)
    report("渠道铺设", 86, "10-10 17:00")
    assert open_warnings() == []
    report("渠道铺设", 90, "10-15 17:00", **said)
    assert EarlyWarning.objects.filter(rule="lag").count() == 2


def test_past_its_due_date_and_not_finished(running, cast):
    watch_all(at("2024-10-15 23:59"))
    assert ("overdue", "渠道铺设") not in open_warnings()
    watch_all(at("2024-10-16 00:00"))
    assert ("overdue", "渠道铺设") in open_warnings()
    subtask = running.subtasks.get(name="渠道铺设")
    assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=at("2024-10-16 09:00"))
    watch_all(at("2024-10-16 10:00"))
    assert ("overdue", "渠道铺设") not in open_warnings()


def test_what_is_finished_is_off_the_list_within_a_minute(running, cast):
    watch_all(at("2024-10-16 00:00"))
    subtask = running.subtasks.get(name="渠道铺设")
    assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=at("2024-10-16 09:00"))
    assert watch_recent(at("2024-10-16 09:01")) == 0
    assert ("overdue", "渠道铺设") not in open_warnings()
    assert ("overdue", "市场调研") in open_warnings()


def test_ten_days_without_a_report(running, report):
    watch_all(at("2024-10-10 23:00"))
    assert open_warnings() == []
    watch_all(at("2024-10-11 00:00"))
    assert {rule for rule, _subtask in open_warnings()} == {"silent"}


def test_support_that_was_promised_and_not_delivered_warns_once_for_each_date(running, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    request = support.ask_support(
        subtask=subtask, department=cast.market, what="海报设计稿", by=cast.sales_head,
        needed_by=dt.date(2024, 10, 8), now=at("2024-10-02 09:00"),
    )  # fmt: skip
    support.answer_support(
        request=request, answer="accepted", by=cast.market_head, now=at("2024-10-02 10:00")
    )
    watch_all(at("2024-10-08 23:59"))
    assert open_warnings() == []
    watch_all(at("2024-10-09 00:00"))
    assert open_warnings() == [("promise", "渠道铺设")]
    support.deliver_support(request=request, by=cast.market_head, now=at("2024-10-09 09:00"))
    watch_all(at("2024-10-09 10:00"))
    assert open_warnings() == []


def test_a_due_date_moved_twice_warns_and_a_third_time_again(running, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    for version, day in enumerate((20, 25, 28), start=1):
        now = at(f"2024-10-0{version} 09:00")
        assignment.edit_subtask(
            subtask=subtask, by=cast.sales_head, now=now, version=version,
            reason="门店装修", due_date=dt.date(2024, 10, day),
        )  # fmt: skip
        watch_all(now)
        assert len(told("moved")) == (version - 1) * 3


@pytest.mark.parametrize("talks", [0, 1])
def test_three_departments_moved_on_and_nobody_has_talked(running, report, cast, talks):
    from communications.services import logs, scheduling

    for name in ("渠道铺设", "市场调研", "产品培训"):
        report(name, 40, "10-04 17:00")
    for _talk in range(talks):
        talk = scheduling.we_talked(
            task=running, by=cast.sales_head, now=at("2024-10-04 10:00"), topic="上线时间"
        )
        logs.complete_log(
            communication=talk, by=cast.market_head, now=at("2024-10-04 11:00"),
            conclusions="11月5日前完成测试", action_items=[],
            participants=[{"department_name": "销售部", "name": "主管G"}],
        )  # fmt: skip
    watch_all(at("2024-10-07 00:00"))
    assert ("quiet", "") not in open_warnings() if talks else ("quiet", "") in open_warnings()


def test_the_status_of_a_task_follows_from_its_warnings():
    assert status_of([]) == ON_TRACK
    assert status_of(["lag", "silent"]) == AT_RISK
    assert status_of(["lag", "overdue"]) == OFF_TRACK
