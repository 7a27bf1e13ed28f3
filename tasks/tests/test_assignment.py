"""Stage 2: departments take on work items; the initiator confirms."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from conftest import at
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from deadlines.models import Deadline
from tasks.choices import Stage, SubtaskState, SupportState
from tasks.models import Subtask, Task
from tasks.services import assignment, drafting, initiation, support

NOW = at("2024-09-24 10:00")


def take_on(task, department, by, owner, item=0, **changes):
    values = {
        "name": "渠道铺设",
        "goal": "覆盖20家核心门店",
        "start_date": dt.date(2024, 10, 1),
        "due_date": dt.date(2024, 10, 15),
    } | changes
    return assignment.take_on_work_item(
        work_item=task.work_items.all()[item],
        department=department,
        by=by,
        now=NOW,
        owner=owner,
        **values,
    )


def test_a_department_takes_on_for_itself_only(cast, assigning):
    """R9."""
    with pytest.raises(NotAllowed):
        take_on(assigning, cast.sales, cast.research_head, cast.sales_staff)
    with pytest.raises(assignment.NotInvolved):
        take_on(assigning, cast.finance, cast.finance_head, cast.outsider)


def test_the_owner_is_one_person_of_the_department(cast, assigning):
    """R10."""
    with pytest.raises(initiation.NotInDepartment):
        take_on(assigning, cast.sales, cast.sales_head, cast.market_staff)
    with pytest.raises(assignment.OwnerIsHelper):
        take_on(
            assigning, cast.sales, cast.sales_head, cast.sales_staff, helpers=[cast.sales_staff]
        )


def test_the_database_refuses_a_subtask_without_owner_or_due_before_start(cast, running):
    """R10, R28."""
    subtask = running.subtasks.first()
    for wrong in ({"owner": None}, {"due_date": dt.date(2024, 9, 30)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Subtask.objects.filter(pk=subtask.pk).update(**wrong)


def test_gap_and_overlap_hold_the_confirmation_back(cast, assigning):
    """R11."""
    with pytest.raises(assignment.NotCovered):
        assignment.confirm_assignment(task=assigning, by=cast.market_head, now=NOW)
    for item in range(3):
        take_on(assigning, cast.sales, cast.sales_head, cast.sales_staff, item=item)
    second = take_on(assigning, cast.research, cast.research_head, cast.research_contact)
    with pytest.raises(assignment.NotCovered):
        assignment.confirm_assignment(task=assigning, by=cast.market_head, now=NOW)
    first = assigning.subtasks.get(department=cast.sales, work_item=second.work_item)
    for subtask, scope, head in (
        (first, "线下门店", cast.sales_head),
        (second, "线上渠道", cast.research_head),
    ):
        assignment.edit_subtask(
            subtask=subtask, by=head, now=NOW, version=subtask.version, scope=scope
        )
    task = assignment.confirm_assignment(task=assigning, by=cast.market_head, now=NOW)
    assert task.stage == Stage.EXECUTION


def test_after_confirmation_a_change_says_why_and_moves_the_deadline(cast, running):
    """R12."""
    subtask = running.subtasks.get(department=cast.sales)
    change = {"by": cast.sales_head, "now": NOW, "version": subtask.version}
    with pytest.raises(drafting.ReasonMissing):
        assignment.edit_subtask(subtask=subtask, due_date=dt.date(2024, 10, 20), **change)
    assignment.edit_subtask(
        subtask=subtask, due_date=dt.date(2024, 10, 20), reason="门店装修", **change
    )
    moved, opened = Deadline.objects.of(subtask).order_by("pk")
    assert moved.settled_how == Deadline.Settled.MOVED
    assert opened.due_at == at("2024-10-20 23:59:59")
    with pytest.raises(EditedMeanwhile):
        assignment.edit_subtask(subtask=subtask, goal="别的", reason="x", **change)


def test_finishing_settles_and_reopening_owes_again(cast, running):
    subtask = running.subtasks.get(department=cast.sales)
    assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=NOW)
    assert not Deadline.objects.open().of(subtask).exists()
    with pytest.raises(StageChanged):
        assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=NOW)
    assignment.reopen_subtask(subtask=subtask, by=cast.sales_head, now=NOW, reason="漏两家")
    assert subtask.state == SubtaskState.OPEN
    assert Deadline.objects.open().of(subtask).count() == 1


def test_named_people_see_the_task_and_others_do_not(cast, running):
    """R29."""
    helper = cast.outsider
    assert not Task.objects.visible_to(helper).exists()
    subtask = running.subtasks.get(department=cast.sales)
    assignment.edit_subtask(
        subtask=subtask,
        by=cast.sales_head,
        now=NOW,
        version=subtask.version,
        reason="财务支持",
        helpers=[helper],
    )
    assert Task.objects.visible_to(helper).get() == running


@pytest.fixture
def request_for_posters(cast, running):
    return support.ask_support(
        subtask=running.subtasks.get(department=cast.sales),
        department=cast.market,
        what="市场部需提供宣传海报设计稿",
        needed_by=dt.date(2024, 10, 8),
        by=cast.sales_staff,
        now=NOW,
    )


def test_support_is_accepted_rescheduled_or_declined_by_the_asked_department(
    cast, request_for_posters
):
    def reply(answer, by=cast.market_head, **more):
        return support.answer_support(
            request=request_for_posters, answer=answer, by=by, now=NOW, **more
        )

    with pytest.raises(NotAllowed):
        reply(SupportState.ACCEPTED, by=cast.sales_head)
    assert reply(SupportState.ACCEPTED).promised_date == dt.date(2024, 10, 8)
    with pytest.raises(support.DateMissing):
        reply(SupportState.RESCHEDULED, words="供应商排期")
    with pytest.raises(drafting.ReasonMissing):
        reply(SupportState.RESCHEDULED, promised_date=dt.date(2024, 10, 10))
    later = {"promised_date": dt.date(2024, 10, 10), "words": "供应商排期"}
    assert reply(SupportState.RESCHEDULED, **later).promised_date == dt.date(2024, 10, 10)
    support.deliver_support(request=request_for_posters, by=cast.market_head, now=NOW)
    with pytest.raises(StageChanged):
        reply(SupportState.DECLINED, words="不行")
