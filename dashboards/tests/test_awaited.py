"""Whom one waits for: what others owe in one's tasks, and the support one has asked for."""

import datetime as dt

import pytest

from conftest import at
from dashboards.awaited import READ, SHOWN, awaited_by
from deadlines.models import Deadline
from issues.services.escalation import acknowledge_escalation
from issues.services.recording import record_issue
from issues.services.reporting import report_issue
from tasks.services import initiation, support
from weekly.services.weeks import open_weeks

pytestmark = pytest.mark.django_db


def waits_for(person, moment):
    """[(what others owe the person, in which words, who)] at a moment."""
    found = awaited_by(person, at(moment))
    return [(str(duty.label), duty.what, duty.owner.name) for duty in found.duties]


def test_the_initiator_waits_for_departments_that_have_not_answered(cast, consulted):
    asked = (
        ("Answer the consultation", "销售部", "主管G"),
        ("Answer the consultation", "研发部", "经理B"),
    )
    assert waits_for(cast.market_head, "2024-09-22 09:00") == [*asked]
    initiation.answer_consultation(
        collaboration=consulted.collaborations.get(department=cast.sales),
        answer="accepted",
        comment="",
        by=cast.sales_head,
        now=at("2024-09-22 10:00"),
    )
    assert waits_for(cast.market_head, "2024-09-22 11:00") == [asked[1]]


def test_a_departments_answer_is_late_once_its_moment_has_passed(cast, consulted):
    assert awaited_by(cast.market_head, at("2024-09-24 23:00")).late == 0
    assert awaited_by(cast.market_head, at("2024-09-25 00:00")).late == 2


def test_progress_is_awaited_once_the_week_is_over_and_several_weeks_are_one_line(cast, running):
    open_weeks(at("2024-10-06 12:00"))
    assert waits_for(cast.market_head, "2024-10-06 12:00") == []
    open_weeks(at("2024-10-14 09:00"))
    found = awaited_by(cast.market_head, at("2024-10-14 09:00"))
    lines = [duty for duty in found.duties if duty.kind == "progress_update"]
    assert {duty.owner.name for duty in lines} == {"专员H", "工程师F", "专员C"}
    assert len(lines) == 3
    assert all("2024-09-30" in duty.what and duty.weeks_more == 1 for duty in lines)


def test_subtasks_are_awaited_from_a_week_before_they_are_due(cast, running):
    assert waits_for(cast.market_head, "2024-10-08 12:00") == []
    names = [what for _label, what, _who in waits_for(cast.market_head, "2024-10-09 12:00")]
    assert names == ["市场调研", "产品培训", "渠道铺设"]


def test_who_leads_no_task_waits_for_nobody_in_it(cast, running):
    for person in (cast.sales_head, cast.sales_staff, cast.director, cast.outsider):
        assert waits_for(person, "2024-10-20 12:00") == []


@pytest.mark.out_of_step
def test_what_one_owes_oneself_is_not_awaited(cast, running):
    assert waits_for(cast.market_head, "2024-10-20 12:00")
    Deadline.objects.filter(task_id=running.pk).update(owner=cast.market_head)
    assert waits_for(cast.market_head, "2024-10-20 12:00") == []


def test_who_asked_for_support_waits_for_the_answer_and_then_for_the_delivery(cast, running):
    request = support.ask_support(
        subtask=running.subtasks.get(name="渠道铺设"),
        department=cast.research,
        what="演示样机",
        needed_by=dt.date(2024, 10, 12),
        by=cast.sales_staff,
        now=at("2024-10-08 09:00"),
    )
    answer = [("Answer the support request", "演示样机", "经理B")]
    assert waits_for(cast.sales_staff, "2024-10-08 10:00") == answer
    support.answer_support(
        request=request, answer="accepted", by=cast.research_head, now=at("2024-10-08 11:00")
    )
    promise = [("Deliver the promised support", "演示样机", "经理B")]
    assert waits_for(cast.sales_staff, "2024-10-08 12:00") == promise
    support.deliver_support(request=request, by=cast.research_head, now=at("2024-10-09 09:00"))
    assert waits_for(cast.sales_staff, "2024-10-09 10:00") == []


def test_who_reported_an_issue_waits_for_its_acknowledgement(cast, running):
    now = at("2024-10-08 09:00")
    issue = record_issue(
        task=running,
        by=cast.sales_staff,
        now=now,
        description="宣传物料未按时交付",
        cause="供应商产能不足",
        occurred_at=now,
        department=cast.sales,
        owner=cast.sales_staff,
        needs_other_departments=True,
        affects_finish=False,
        next_date=dt.date(2024, 10, 11),
    )
    report_issue(issue=issue, by=cast.sales_staff, now=now)
    label = "Acknowledge the reported issue"
    found = waits_for(cast.sales_staff, "2024-10-08 10:00")
    assert {who for name, _what, who in found if name == label} == {"经理D", "总监A"}
    for escalation in issue.escalations.all():
        acknowledge_escalation(escalation=escalation, by=escalation.person, now=now)
    found = waits_for(cast.sales_staff, "2024-10-08 10:00")
    assert label not in [name for name, _what, _who in found]
    assert ("Move the issue on", "宣传物料未按时交付", "经理D") in found


@pytest.mark.out_of_step
def test_the_longest_waiting_come_first_and_the_rest_is_counted(cast, running):
    now = at("2024-12-01 09:00")
    Deadline.objects.bulk_create(
        Deadline(
            kind="action_item",
            subject_type="communications.actionitem",
            subject_id=number,
            task_id=running.pk,
            owner=cast.sales_staff,
            what=f"待办{number}",
            link="/",
            due_at=at("2024-11-01 09:00") + dt.timedelta(hours=number),
            opened_at=at("2024-10-30 09:00"),
        )
        for number in range(READ + 20)
    )
    Deadline.objects.filter(kind__in=["subtask_due", "progress_update"]).delete()
    found = awaited_by(cast.market_head, now)
    assert [duty.what for duty in found.duties] == [f"待办{number}" for number in range(SHOWN)]
    assert (found.number, found.beyond, found.goes_on) == (READ, READ - SHOWN, True)
