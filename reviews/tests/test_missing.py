"""The initiator sees what is missing before the archive (R24)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communications.services import logs, scheduling
from conftest import at
from issues.services import recording
from reviews.missing import checklist, from_stored, to_stored, what_is_missing
from reviews.tests import example
from tasks.services import assignment, closing, support
from weekly.services.issuing import send_weekly_sync
from weekly.services.progress import report_progress

NOW = at("2024-11-05 09:00")


def missing(task, now=NOW):
    return {check.kind: [t.name for t in check.things] for check in what_is_missing(task, now=now)}


def test_a_task_with_everything_answered_lacks_nothing(complete):
    assert what_is_missing(complete, now=NOW) == []


def test_the_checklist_names_every_check_in_words(complete):
    lines = [check.text for check in checklist(complete, now=NOW)]
    assert lines[0] == "Every subtask is finished"
    assert len(lines) == 10


def test_open_subtasks_are_named_and_lead_to_their_page(in_review):
    (check,) = [c for c in what_is_missing(in_review, now=NOW) if c.kind == "subtasks"]
    assert [t.name for t in check.things] == ["市场调研", "产品培训", "渠道铺设"]
    first = in_review.subtasks.first()
    assert check.things[0].link == f"/tasks/subtasks/{first.pk}/"
    assert check.text == "3 subtasks are not finished"


def test_a_cancelled_subtask_lacks_nothing(in_review, cast, running):
    closing.resume_task(task=running, by=cast.market_head, now=NOW, reason="调整")
    subtask = running.subtasks.get(name="产品培训")
    assignment.cancel_subtask(subtask=subtask, by=cast.research_head, now=NOW, reason="并入调研")
    assert "产品培训" not in missing(running)["subtasks"]


def test_a_talk_without_a_log_is_missing_until_it_is_logged(complete, cast):
    talk = scheduling.we_talked(task=complete, by=cast.sales_head, now=NOW, topic="门店反馈")
    assert missing(complete) == {"logs": ["门店反馈"]}
    logs.complete_log(
        communication=talk,
        by=cast.market_head,
        now=NOW,
        conclusions="已处理",
        participants=[{"department_name": "销售部", "name": "主管G"}],
    )
    assert missing(complete) == {}


def test_a_cancelled_meeting_is_not_missing(complete, cast):
    meeting = scheduling.schedule_communication(
        task=complete,
        by=cast.market_head,
        now=NOW,
        topic="补充会",
        starts_at=at("2024-11-06 09:00"),
        ends_at=at("2024-11-06 10:00"),
    )
    assert missing(complete) == {"logs": ["补充会"]}
    scheduling.cancel_communication(
        communication=meeting, by=cast.market_head, now=NOW, reason="不再需要"
    )
    assert missing(complete) == {}


def test_an_open_action_item_is_missing(complete, cast):
    talk = scheduling.we_talked(task=complete, by=cast.sales_head, now=NOW, topic="门店反馈")
    item = {"owner": cast.sales_staff, "what": "提交反馈汇总", "due_date": dt.date(2024, 11, 8)}
    logs.complete_log(
        communication=talk,
        by=cast.market_head,
        now=NOW,
        conclusions="补交汇总",
        participants=[{"department_name": "销售部", "name": "主管G"}],
        action_items=[item],
    )
    (check,) = what_is_missing(complete, now=NOW)
    assert (check.kind, check.things[0].name) == ("actions", "提交反馈汇总")
    assert check.things[0].link == f"/communications/{talk.pk}/"


def test_an_issue_that_is_not_closed_is_missing(complete, cast):
    recording.record_issue(
        task=complete,
        by=cast.market_staff,
        now=NOW,
        description="宣传物料未按时交付" * 20,
        cause="供应商产能不足",
        occurred_at=NOW,
        department=cast.market,
        owner=cast.market_staff,
        needs_other_departments=False,
        affects_finish=False,
        next_date=dt.date(2024, 11, 6),
    )
    (name,) = missing(complete)["issues"]
    assert len(name) == 80


def test_support_without_answer_or_delivery_is_missing(running, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    request = support.ask_support(
        subtask=subtask,
        department=cast.market,
        what="宣传海报设计稿",
        needed_by=dt.date(2024, 10, 10),
        by=cast.sales_head,
        now=at("2024-10-02 09:00"),
    )
    assert missing(running)["support"] == ["宣传海报设计稿"]
    support.answer_support(
        request=request, answer="accepted", by=cast.market_head, now=at("2024-10-03 09:00")
    )
    assert missing(running)["support"] == ["宣传海报设计稿"]
    support.deliver_support(request=request, by=cast.market_head, now=at("2024-10-09 09:00"))
    assert "support" not in missing(running)


def test_support_that_was_declined_has_its_answer(running, cast):
    request = support.ask_support(
        subtask=running.subtasks.get(name="渠道铺设"),
        department=cast.market,
        what="宣传海报设计稿",
        needed_by=dt.date(2024, 10, 10),
        by=cast.sales_head,
        now=at("2024-10-02 09:00"),
    )
    support.answer_support(
        request=request,
        answer="declined",
        words="排期已满",
        by=cast.market_head,
        now=at("2024-10-03 09:00"),
    )
    assert "support" not in missing(running)


def test_each_week_of_an_open_subtask_without_progress_is_missing(running, cast):
    subtask = running.subtasks.get(name="市场调研")
    report_progress(
        subtask=subtask,
        actual=85,
        by=subtask.owner,
        now=at("2024-10-09 09:00"),
    )
    weeks = missing(running, now=at("2024-10-16 09:00"))["progress"]
    assert [week for week in weeks if week.startswith("市场调研")] == ["市场调研 2024-09-30"]
    assert [week for week in weeks if week.startswith("渠道铺设")] == [
        "渠道铺设 2024-09-30",
        "渠道铺设 2024-10-07",
    ]


def test_the_week_that_is_still_running_is_not_missing(running):
    assert "progress" not in missing(running, now=at("2024-10-06 23:59:59"))
    assert len(missing(running, now=at("2024-10-07 00:00"))["progress"]) == 3


def test_no_week_is_missing_after_the_review_was_called_for(in_review):
    weeks = missing(in_review, now=at("2026-11-05 09:00"))["progress"]
    assert {week.split()[1] for week in weeks} == {
        "2024-09-30",
        "2024-10-07",
        "2024-10-14",
        "2024-10-21",
    }


def test_before_the_confirmation_no_progress_is_owed(assigning):
    assert "progress" not in missing(assigning)
    assert "syncs" not in missing(assigning)


def test_every_week_of_work_that_was_not_rolled_up_is_missing_and_leads_to_its_form(in_review):
    (check,) = [c for c in what_is_missing(in_review, now=NOW) if c.kind == "syncs"]
    weeks = ["2024-09-30", "2024-10-07", "2024-10-14", "2024-10-21", "2024-10-28"]
    assert [thing.name for thing in check.things] == weeks
    page = f"/tasks/{in_review.pk}/weeks/"
    assert (check.link, check.things[0].link) == (page, f"{page}?week=2024-09-30")
    assert check.text == "5 weekly syncs were not sent"


def test_a_week_is_rolled_up_even_late(in_review, cast):
    send_weekly_sync(
        task=in_review,
        week=dt.date(2024, 10, 7),
        by=cast.market_head,
        now=example.REVIEWED,
        summary="按计划推进",
    )
    assert "2024-10-07" not in missing(type(in_review).objects.get(pk=in_review.pk))["syncs"]


def test_without_a_review_lessons_results_and_meeting_are_missing(in_review):
    found = missing(in_review)
    assert found["results"] == ["首月销售额", "新增用户"]
    assert found["lessons"] == found["meeting"] == [""]


def test_a_target_without_a_judgement_is_missing(in_review, cast):
    sales = in_review.targets.first()
    results = [{"target": sales, "reached": "met", "number": 512, "note": ""}]
    example.write(cast, in_review, results=results)
    task = type(in_review).objects.get(pk=in_review.pk)
    assert missing(task)["results"] == ["新增用户"]


def test_what_a_signature_keeps_reads_back_the_same(in_review):
    checks = what_is_missing(in_review, now=NOW)
    restored = from_stored(to_stored(checks))
    assert [(c.kind, c.count, c.text) for c in restored] == [
        (c.kind, c.count, c.text) for c in checks
    ]


def test_the_checklist_costs_the_same_for_many_rows(in_review, cast, running):
    def cost():
        task = type(running).objects.get(pk=running.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            what_is_missing(task, now=NOW)
        return len(queries)

    scheduling.we_talked(task=running, by=cast.sales_head, now=NOW, topic="一")
    few = cost()
    for index in range(30):
        scheduling.we_talked(task=running, by=cast.sales_head, now=NOW, topic=f"第{index}次")
    assert cost() == few <= 7


@pytest.mark.parametrize("stage", ["consulted", "assigning"])
def test_a_task_that_is_not_at_work_yet_can_be_asked_too(request, stage):
    assert "subtasks" not in missing(request.getfixturevalue(stage))
