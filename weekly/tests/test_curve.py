"""The S-curve of a task: planned and actual progress, week by week."""

import datetime as dt

import pytest

from conftest import at
from deadlines.terms import Terms
from tasks.services import assignment
from weekly.curve import course_of, curve_of, with_course

OCTOBER = [dt.date(2024, 9, 30), dt.date(2024, 10, 7), dt.date(2024, 10, 14)]


def course(task, now="2024-10-18 18:00", until=OCTOBER[2]):
    points = course_of(with_course(task.subtasks.live()), Terms.current(at(now)), until)
    return [point.week for point in points], [(p.planned, p.actual) for p in points]


def test_every_subtask_counts_alike_and_what_nobody_reported_is_not_zero(running, report):
    """Each of the three runs for 15 days from 1 October: 6 of them in the first week, 13 in two."""
    report("渠道铺设", 40, "10-04 17:00")
    report("市场调研", 44, "10-04 17:00")
    report("渠道铺设", 84, "10-11 17:00")
    weeks, percents = course(running)
    assert weeks == OCTOBER
    assert percents == [(40, 42), (87, 64), (100, 64)]


def test_where_nobody_has_reported_is_a_gap(running):
    assert course(running)[1] == [(40, None), (87, None), (100, None)]


@pytest.mark.out_of_step
def test_what_is_finished_is_at_a_hundred(running):
    done = running.subtasks.get(name="渠道铺设")
    done.state, done.done_at = "done", at("2024-10-10 12:00")
    done.save()
    assert course(running)[1] == [(40, None), (87, 100), (100, 100)]


def test_weeks_to_come_have_a_plan_only(running, report):
    report("渠道铺设", 40, "10-04 17:00")
    assert course(running, until=OCTOBER[0])[1] == [(40, 40), (87, None), (100, None)]


def test_work_that_goes_on_beyond_its_plan_goes_on_in_the_curve(running):
    weeks, percents = course(running, until=dt.date(2024, 10, 28))
    assert len(weeks) == 5
    assert [planned for planned, _actual in percents] == [40, 87, 100, 100, 100]


def test_a_task_in_which_nobody_has_promised_anything_has_no_curve(assigning):
    terms = Terms.current(at("2024-10-18 18:00"))
    assert curve_of(with_course(assigning.subtasks.live()), terms).is_empty


def test_thirty_subtasks_cost_as_many_statements_as_three(running, cast, django_assert_num_queries):
    terms = Terms.current(at("2024-10-18 18:00"))
    assert terms.zone
    with django_assert_num_queries(3):  # subtasks, plans, reports
        course_of(with_course(running.subtasks.live()), terms, OCTOBER[2])
    for number in range(27):
        assignment.take_on_work_item(
            work_item=running.work_items.get(name="渠道铺设"),
            department=cast.sales,
            by=cast.sales_head,
            now=at("2024-10-02 09:00"),
            name=f"门店{number}",
            goal="覆盖20家核心门店",
            scope=f"门店{number}",
            owner=cast.sales_staff,
            start_date=dt.date(2024, 10, 1),
            due_date=dt.date(2024, 10, 15),
        )
    with django_assert_num_queries(3):
        course_of(with_course(running.subtasks.live()), terms, OCTOBER[2])
