"""While somebody is away their stand-in acts like them; back again, that is over."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Absence, User
from accounts.services.absences import CannotStandIn, plan_absence
from audit.models import Event
from conftest import at
from reviews.permissions import REVIEW
from tasks import permissions
from tasks.models import Task
from tasks.services.assignment import finish_subtask
from tasks.services.confidentiality import make_confidential

NOW = at("2024-10-08 09:00")


def away(person, stand_in, first=0, last=0, **more):
    """The person is away from `first` to `last` days from today."""
    today = timezone.localdate()
    return Absence.objects.create(
        person=person,
        stand_in=stand_in,
        starts_on=today + dt.timedelta(days=first),
        ends_on=today + dt.timedelta(days=last),
        **more,
    )


def anew(person) -> User:
    return User.objects.get(pk=person.pk)


def sees(person, task):
    return Task.objects.visible_to(anew(person)).filter(pk=task.pk).exists()


def test_a_stand_in_sees_what_the_absent_person_sees(cast, running):
    assert not sees(cast.service_head, running)
    away(cast.sales_head, cast.service_head)
    assert sees(cast.service_head, running)


@pytest.mark.parametrize(
    ("first", "last", "acts"), [(-1, -1, False), (-1, 0, True), (0, 1, True), (1, 2, False)]
)
def test_from_the_first_day_to_the_last(cast, running, first, last, acts):
    away(cast.sales_head, cast.service_head, first, last)
    assert sees(cast.service_head, running) == acts


def test_a_cancelled_absence_gives_nothing(cast, running):
    away(cast.sales_head, cast.service_head, is_cancelled=True)
    assert not sees(cast.service_head, running)


def test_nor_does_that_of_somebody_who_has_left(cast, running):
    away(cast.sales_head, cast.service_head)
    User.objects.filter(pk=cast.sales_head.pk).update(is_active=False)
    assert not sees(cast.service_head, running)


def test_there_is_no_chain(cast, running):
    away(cast.sales_head, cast.service_head)
    away(cast.service_head, cast.outsider)
    assert not sees(cast.outsider, running)


def test_as_head_as_owner_and_as_initiator(cast, running):
    subtask = running.subtasks.get(department=cast.sales)
    away(cast.sales_staff, cast.service_head)
    away(cast.market_head, cast.service_head)
    stand_in = anew(cast.service_head)
    assert permissions.SUBTASK.allows(stand_in, "finish", subtask)
    assert permissions.TASK.allows(stand_in, "cancel", running)
    assert permissions.DEPARTMENT.allows(stand_in, "create_task", cast.market)


def test_a_signature_is_nobody_elses(cast, running):
    away(cast.market_head, cast.market_staff)
    assert REVIEW.allows(anew(cast.market_head), "sign", running)
    assert REVIEW.allows(anew(cast.market_staff), "write", running)
    assert not REVIEW.allows(anew(cast.market_staff), "sign", running)


def test_a_confidential_task_stays_closed(cast, running):
    away(cast.market_head, cast.service_head)
    away(cast.sales_head, cast.service_head)
    make_confidential(task=running, by=cast.market_head, now=NOW)
    assert not sees(cast.service_head, running)


def test_the_history_says_in_whose_place(cast, running):
    away(cast.sales_staff, cast.sales_head)
    away(cast.market_staff, cast.sales_head)
    subtasks = {s.department: s for s in running.subtasks.all()}
    finish_subtask(subtask=subtasks[cast.sales], by=anew(cast.sales_head), now=NOW)
    own = Event.objects.filter(action="subtask.finished").first()
    # As head of the department they may do it as themselves.
    assert own.in_place_of == ""
    finish_subtask(subtask=subtasks[cast.market], by=anew(cast.sales_head), now=NOW)
    instead = Event.objects.filter(action="subtask.finished").first()
    assert "专员H" in instead.in_place_of


def test_the_first_page_says_for_whom_one_stands_in(cast, running, sign_in):
    away(cast.sales_head, cast.sales_staff, last=2)
    page = sign_in(cast.sales_staff).get(reverse("home"))
    assert [absence.person for absence in page.context["stood_in_for"]] == [cast.sales_head]
    owed = page.content.decode()
    assert f"owner={cast.sales_head.pk}" in owed


def test_only_people_near_can_stand_in_whoever_plans_it(cast):
    """A stand-in sees and does what the person may: no administrator gives that to just anybody."""
    day = timezone.localdate()
    planned = {"person": cast.sales_head, "starts_on": day, "ends_on": day}
    for by in (cast.admin, cast.sales_head):
        with pytest.raises(CannotStandIn):
            plan_absence(stand_in=cast.outsider, by=by, now=timezone.now(), **planned)
    plan_absence(stand_in=cast.director, by=cast.admin, now=timezone.now(), **planned)


def test_a_director_is_stood_in_for_by_a_head_right_below(cast):
    day = timezone.localdate()
    plan_absence(
        person=cast.director,
        stand_in=cast.sales_head,
        starts_on=day,
        ends_on=day,
        by=cast.director,
        now=timezone.now(),
    )
    assert anew(cast.sales_head).standing.oversees == anew(cast.director).standing.oversees
