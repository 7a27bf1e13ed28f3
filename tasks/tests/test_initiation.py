"""Stage 1: submission, numbers, consultation."""

import pytest
from django.db import IntegrityError, transaction

from conftest import at
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from deadlines.models import Notice
from tasks.choices import Answer, Stage
from tasks.models import NumberSeries, Task
from tasks.services import drafting, initiation

NOW = at("2024-09-21 09:00")


def answer(collaboration, by, what, comment=""):
    return initiation.answer_consultation(
        collaboration=collaboration, answer=what, comment=comment, by=by, now=NOW
    )


def test_everything_missing_is_said_at_once(cast):
    task = drafting.create_draft(department=cast.market, by=cast.market_head, now=NOW, title="空")
    with pytest.raises(initiation.Incomplete) as refused:
        initiation.submit_task(task=task, by=cast.market_head, now=NOW)
    assert [field for field, _text in refused.value.problems] == [
        "background",
        "goal",
        "expected_result",
        "start_date",
        "end_date",
        "targets",
        "work_items",
        "departments",
    ]


def test_a_goal_without_a_measurable_target_cannot_be_submitted(cast, draft):
    """R6."""
    draft.targets.update(number=None)
    with pytest.raises(initiation.Incomplete):
        initiation.submit_task(task=draft, by=cast.market_head, now=NOW)
    draft.refresh_from_db()
    assert draft.number is None
    assert not NumberSeries.objects.exists()


def test_numbers_count_per_department_and_year_of_the_organisation(cast, draft):
    """R5: New Year begins in Shanghai, not in UTC."""
    assert initiation.next_number(cast.market, at("2024-12-31 23:59:59")) == "2024-市场-001"
    assert initiation.next_number(cast.market, at("2025-01-01 00:00:00")) == "2025-市场-001"
    assert initiation.next_number(cast.sales, at("2025-01-01 00:00:00")) == "2025-销售-001"
    assert initiation.next_number(cast.market, at("2025-06-01 00:00:00")) == "2025-市场-002"


def test_the_number_stays_when_the_department_is_renamed(cast, consulted):
    cast.market.short_name = "营销"
    cast.market.save()
    consulted.refresh_from_db()
    assert consulted.number == "2024-市场-001"


def test_the_database_refuses_two_tasks_with_one_number(cast, consulted, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(
            title="重号",
            department=cast.market,
            initiator=cast.market_head,
            created_at=NOW,
            submitted_at=NOW,
            stage=Stage.CONSULTATION,
            number=consulted.number,
        )


def test_the_database_refuses_a_submitted_task_without_number(cast, draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=draft.pk).update(stage=Stage.CONSULTATION)


def test_the_database_refuses_an_end_before_the_start(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=draft.pk).update(end_date="2024-09-30")


def test_submitting_tells_the_collaborating_heads(cast, consulted):
    """R7."""
    told = Notice.objects.filter(event__action="task.submit").values_list(
        "recipient__name", flat=True
    )
    assert set(told) == {"主管G", "经理B"}


def test_submitting_twice_gives_one_number(cast, consulted):
    with pytest.raises(StageChanged):
        initiation.submit_task(task=consulted, by=cast.market_head, now=NOW)
    assert NumberSeries.objects.get(department=cast.market).last == 1


def test_a_head_or_contact_answers_for_the_own_department_only(cast, consulted):
    sales = consulted.collaborations.get(department=cast.sales)
    research = consulted.collaborations.get(department=cast.research)
    with pytest.raises(NotAllowed):
        answer(sales, cast.research_head, Answer.ACCEPTED)
    with pytest.raises(NotAllowed):
        answer(sales, cast.sales_staff, Answer.ACCEPTED)
    assert answer(research, cast.research_contact, Answer.ACCEPTED).answer == Answer.ACCEPTED


def test_declining_needs_a_reason_and_holds_the_assignment_back(cast, consulted):
    sales = consulted.collaborations.get(department=cast.sales)
    with pytest.raises(drafting.ReasonMissing):
        answer(sales, cast.sales_head, Answer.DECLINED)
    answer(sales, cast.sales_head, Answer.DECLINED, "十月无人手")
    with pytest.raises(initiation.StillDeclined):
        initiation.open_assignment(task=consulted, by=cast.market_head, now=NOW)
    initiation.ask_again(collaboration=sales, by=cast.market_head, now=NOW)
    sales.refresh_from_db()
    assert (sales.answer, sales.comment) == (Answer.PENDING, "")
    answer(sales, cast.sales_head, Answer.COMMENTED, "物料请提前一周")
    task = initiation.open_assignment(task=consulted, by=cast.market_head, now=NOW)
    assert task.stage == Stage.ASSIGNMENT


def test_the_head_names_a_contact_of_the_own_department(cast, consulted):
    sales = consulted.collaborations.get(department=cast.sales)
    with pytest.raises(initiation.NotInDepartment):
        initiation.name_contact(
            collaboration=sales, contact=cast.market_staff, by=cast.sales_head, now=NOW
        )
    initiation.name_contact(
        collaboration=sales, contact=cast.sales_staff, by=cast.sales_head, now=NOW
    )
    assert answer(sales, cast.sales_staff, Answer.ACCEPTED).answered_by == cast.sales_staff


def test_nobody_accepts_words_they_have_not_seen(cast, consulted):
    sales = consulted.collaborations.get(department=cast.sales)
    seen = consulted.version
    drafting.revise_task(
        task=consulted,
        by=cast.market_head,
        now=NOW,
        version=seen,
        fields={"goal": "首月销售额800万元"},
        rows={
            name: list(getattr(consulted, name).values("id", *fields))
            for name, fields in {
                "targets": ("metric", "number", "unit", "date"),
                "work_items": ("name",),
                "resources": ("kind", "description"),
                "risks": ("description", "response"),
            }.items()
        },
        departments=[cast.sales, cast.research],
        reason="上调",
    )
    with pytest.raises(EditedMeanwhile) as told:
        initiation.answer_consultation(
            collaboration=sales,
            answer=Answer.ACCEPTED,
            comment="",
            by=cast.sales_head,
            now=NOW,
            seen=seen,
        )
    assert told.value.events[0].changes["goal"][1] == "首月销售额800万元"
    sales.refresh_from_db()
    assert sales.answer == Answer.PENDING
