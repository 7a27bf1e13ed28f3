"""What a subtask should reach in each week, and how a plan is changed (R16)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conftest import at
from coordination.errors import EditedMeanwhile, NotAllowed
from tasks import policies
from tasks.models import Plan
from tasks.services import assignment, planning
from tasks.services.drafting import ReasonMissing

DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


@given(start=DAYS, length=st.integers(0, 800))
def test_an_even_plan_is_a_plan(start, length):
    due = start + dt.timedelta(days=length)
    weeks = policies.linear_plan(start, due)
    assert policies.is_plan(weeks, start, due)
    assert policies.planned_in(weeks, start - dt.timedelta(days=7)) == 0
    assert policies.planned_in(weeks, due) == policies.planned_in(weeks, due + dt.timedelta(99))


@pytest.fixture
def subtask(running):
    return running.subtasks.get(name="渠道铺设")


def steps(*percents):
    return dict(zip(("2024-09-30", "2024-10-07", "2024-10-14"), percents, strict=True))


def test_the_plan_is_fixed_when_the_assignment_is_confirmed(subtask):
    assert planning.current_plan(subtask).weeks == steps(40, 87, 100)


def test_another_plan_says_why_and_the_one_before_stays(subtask, cast):
    change = {"subtask": subtask, "by": cast.sales_staff, "now": at("2024-10-02 09:00")}
    with pytest.raises(ReasonMissing):
        planning.set_plan(**change, weeks=steps(10, 90, 100))
    with pytest.raises(EditedMeanwhile):
        planning.set_plan(**change, weeks=steps(10, 90, 100), reason="节后集中铺设", number=0)
    planning.set_plan(**change, weeks=steps(10, 90, 100), reason="节后集中铺设", number=1)
    assert [plan.weeks for plan in subtask.plans.all()] == [steps(40, 87, 100), steps(10, 90, 100)]


@pytest.mark.parametrize("percents", [(50, 40, 100), (10, 50, 90), (-1, 50, 100), (10, 101, 100)])
def test_a_plan_never_falls_and_ends_with_100(subtask, cast, percents):
    with pytest.raises(planning.NotAPlan):
        planning.set_plan(
            subtask=subtask, weeks=steps(*percents), by=cast.sales_staff, now=at("2024-10-02"),
            reason="x",
        )  # fmt: skip


def test_moved_dates_are_planned_anew(subtask, cast):
    assignment.edit_subtask(
        subtask=subtask, by=cast.sales_head, now=at("2024-10-03 09:00"), version=1,
        reason="门店装修", due_date=dt.date(2024, 10, 30),
    )  # fmt: skip
    assert Plan.objects.filter(subtask=subtask).count() == 2
    assert planning.current_plan(subtask).reason == "门店装修"
    assert planning.current_plan(subtask).percent_in(dt.date(2024, 10, 28)) == 100


def test_before_the_confirmation_a_plan_is_only_rewritten(assigning, cast):
    subtask = assignment.take_on_work_item(
        work_item=assigning.work_items.first(), department=cast.market, by=cast.market_head,
        now=at("2024-09-24 09:00"), name="市场调研", goal="500份问卷", owner=cast.market_staff,
        start_date=dt.date(2024, 10, 1), due_date=dt.date(2024, 10, 15),
    )  # fmt: skip
    for percents in ((10, 90, 100), (20, 80, 100)):
        planning.set_plan(
            subtask=subtask, weeks=steps(*percents), by=cast.market_staff, now=at("2024-09-24")
        )
    assert [plan.weeks for plan in subtask.plans.all()] == [steps(20, 80, 100)]


def test_only_the_responsible_side_plans(subtask, cast):
    for person in (cast.market_head, cast.research_head):
        with pytest.raises(NotAllowed):
            planning.set_plan(
                subtask=subtask, weeks=steps(10, 90, 100), by=person, now=at("2024-10-02"),
                reason="x",
            )  # fmt: skip


def test_weeks_that_are_over_stay_as_they_were_planned(subtask, cast):
    change = {"subtask": subtask, "by": cast.sales_staff, "now": at("2024-10-09 09:00")}
    with pytest.raises(planning.WeekIsOver):
        planning.set_plan(**change, weeks=steps(10, 90, 100), reason="x")
    planning.set_plan(**change, weeks=steps(40, 60, 100), reason="门店装修")
    assignment.edit_subtask(
        subtask=subtask, by=cast.sales_head, now=at("2024-10-16 09:00"), version=1,
        reason="门店装修", due_date=dt.date(2024, 10, 30),
    )  # fmt: skip
    weeks = planning.current_plan(subtask).weeks
    assert [weeks[week] for week in sorted(weeks)] == [40, 60, 67, 90, 100]


def test_what_should_have_been_reached_by_now():
    """At the end of the last full week, or of a later week that was reported already."""
    plan, second = steps(40, 60, 100), dt.date(2024, 10, 7)
    assert policies.planned_by_now(plan, None, dt.date(2024, 10, 6)) == 0
    assert policies.planned_by_now(plan, None, dt.date(2024, 10, 7)) == 40
    assert policies.planned_by_now(plan, second, dt.date(2024, 10, 11)) == 60
    assert policies.planned_by_now(plan, second, dt.date(2024, 10, 21)) == 100
