"""Owners set how far a subtask is to be at the end of each week, and see the plans before (R16)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import at
from deadlines.policies import week_of
from deadlines.services import keep_duties
from tasks.models import Subtask
from tasks.policies import WEEK, linear_plan
from tasks.services import assignment, planning

NEXT = week_of(timezone.now().date()) + 2 * WEEK
"""A Monday to come: weeks that are over keep their plan."""
WEEKS = tuple((NEXT + n * WEEK).isoformat() for n in range(3))
FIRST, LAST = NEXT + dt.timedelta(days=1), NEXT + dt.timedelta(days=15)


@pytest.fixture
def subtask(running):
    """渠道铺设, from the Tuesday of a week to come, for fifteen days."""
    subtask = running.subtasks.get(name="渠道铺设")
    dates = {"start_date": FIRST, "due_date": LAST}
    Subtask.objects.filter(pk=subtask.pk).update(**dates)
    subtask.plans.update(weeks=linear_plan(FIRST, LAST), **dates)
    keep_duties(subtask, now=at("2024-09-24 09:00"))
    subtask.refresh_from_db()
    return subtask


@pytest.fixture
def page(subtask):
    return reverse("tasks:plan", args=[subtask.pk])


@pytest.fixture
def owner(sign_in, cast):
    return sign_in(cast.sales_staff)


def said(*percents, version=1, reason="节后集中铺设"):
    steps = dict(zip(WEEKS, percents, strict=True))
    return {name: str(value) for name, value in steps.items()} | {
        "version": version,
        "reason": reason,
    }


def shown(response):
    return [step.field.value() for step in response.context["form"].steps]


def test_the_page_opens_with_the_plan_that_holds(owner, page):
    response = owner.get(page)
    assert shown(response) == [40, 87, 100]
    assert [step.shown for step in response.context["form"].steps] == [40, 87, 100]


def test_another_plan_is_the_second_and_the_first_stays_beside_it_struck_through(owner, page):
    assert owner.post(page, said(10, 87, 100)).status_code == 302
    html = owner.get(page).content.decode()
    assert "<del>40%</del> <ins>10%</ins>" in html
    assert "<del>87%</del>" not in html
    assert "节后集中铺设" in html
    assert "<b>v1</b>" in html


@pytest.mark.parametrize(
    ("percents", "wrong"),
    [((50, 40, 100), WEEKS[1]), ((10, 50, 90), WEEKS[2]), ((60, 70, 60), WEEKS[2])],
)
def test_a_plan_that_falls_or_does_not_end_says_in_which_week(owner, page, percents, wrong):
    response = owner.post(page, said(*percents))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {wrong}
    assert shown(response) == [str(percent) for percent in percents]
    assert "is-invalid" in response.content.decode()


@pytest.mark.parametrize("typed", ["101", "-1", "halb", "", "9" * 30, "四十", "\x00"])
def test_what_is_no_percent_is_said_in_its_week(owner, page, typed):
    response = owner.post(page, said(typed, 87, 100))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {WEEKS[0]}


def test_once_confirmed_another_plan_needs_a_reason(owner, page, subtask):
    response = owner.post(page, said(10, 87, 100, reason=""))
    assert set(response.context["form"].errors) == {"reason"}
    assert subtask.plans.count() == 1


def test_one_click_spreads_the_work_evenly_again(owner, page, subtask, cast):
    owner.post(page, said(10, 87, 100))
    response = owner.get(page)
    assert 'href="?even=1"' in response.content.decode()
    assert shown(owner.get(f"{page}?even=1")) == [40, 87, 100]
    assert planning.current_plan(subtask).number == 2, "only filled in, not saved"


def test_who_has_an_older_plan_before_them_is_told_and_keeps_what_they_typed(owner, page, subtask):
    owner.post(page, said(10, 87, 100))
    response = owner.post(page, said(20, 87, 100))
    assert response.status_code == 409
    assert shown(response) == ["20", "87", "100"]
    assert "专员C" in response.content.decode()
    data = said(20, 87, 100, version=response.context["form"]["version"].value())
    assert owner.post(page, data).status_code == 302
    assert planning.current_plan(subtask).number == 3


def test_the_subtask_says_which_plan_holds_and_how_often_its_due_date_moved(owner, subtask, cast):
    assert "Plan v1" in owner.get(subtask.get_absolute_url()).content.decode()
    assignment.edit_subtask(
        subtask=subtask, by=cast.sales_head, now=at("2024-10-03 09:00"), version=1,
        reason="门店装修", due_date=NEXT + dt.timedelta(days=30),
    )  # fmt: skip
    html = owner.get(subtask.get_absolute_url()).content.decode()
    assert "Plan v2 · due date moved 1 time" in html
    plans = owner.get(reverse("tasks:plan", args=[subtask.pk])).content.decode()
    assert "<del>" in plans.split("门店装修")[0]


def test_other_departments_look_at_a_plan_but_make_none(sign_in, cast, page):
    assert sign_in(cast.market_head).get(page).status_code == 403
    assert sign_in(cast.outsider).get(page).status_code == 404
    assert sign_in(cast.sales_head).get(page).status_code == 200


def test_three_years_of_weeks_cost_what_three_weeks_cost(
    owner, page, subtask, cast, django_assert_max_num_queries
):
    """Person, session, organisation, bell; task and seats, subtask, plans twice."""
    with django_assert_max_num_queries(14):
        owner.get(page)
    assignment.edit_subtask(
        subtask=subtask, by=cast.sales_head, now=at("2024-10-03 09:00"), version=1,
        reason="门店装修", due_date=FIRST + 156 * WEEK,
    )  # fmt: skip
    with django_assert_max_num_queries(14):
        assert len(shown(owner.get(page))) == 157
