"""Several people hand over, finish and assign the same things at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts import leaving
from accounts.models import User
from accounts.services import handing_over
from accounts.services.shared import today
from audit.models import Event
from conftest import at, make_person
from coordination.errors import StageChanged
from deadlines.models import Deadline
from tasks.models import Subtask
from tasks.services import assignment

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2024-10-08 09:00")


def at_once(*acts):
    """Runs each in a thread of its own; what it returned, or the refusal it raised."""
    start = threading.Barrier(len(acts))

    def run(act):
        try:
            start.wait()
            return act()
        except (handing_over.ListChanged, handing_over.Refused, StageChanged) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as workers:
        return list(workers.map(run, acts))


def give(leaver, taker, by, **options):
    to = {thing.key: taker for thing in leaving.things_of(leaver, today(NOW))}
    person = User.objects.get(pk=leaver.pk)
    act = {"person": person, "to": to, "by": User.objects.get(pk=by.pk), "now": NOW}
    return lambda: handing_over.hand_over(reason="离职", **act, **options)


def refused(answers):
    return [answer for answer in answers if isinstance(answer, Exception)]


def test_of_two_people_who_hand_over_the_same_one_wins(cast, running):
    takers = [make_person(f"工程师{n}", cast.research) for n in range(2)]
    answers = at_once(
        give(cast.research_contact, takers[0], cast.admin),
        give(cast.research_contact, takers[1], cast.research_head),
    )
    assert len(refused(answers)) == 1
    assert Event.objects.filter(action="subtask.handed_over").count() == 1
    assert Event.objects.filter(action="person.handed_over").count() == 1
    owner = Subtask.objects.get(department=cast.research).owner
    assert owner in takers
    assert not leaving.things_of(cast.research_contact, today(NOW))


def test_what_is_finished_at_that_moment_keeps_the_name_of_whoever_finished_it(cast, running):
    taker = make_person("工程师N", cast.research)
    subtask = Subtask.objects.get(department=cast.research)
    at_once(
        give(cast.research_contact, taker, cast.admin),
        lambda: assignment.finish_subtask(subtask=subtask, by=cast.research_head, now=NOW),
    )
    subtask.refresh_from_db()
    handed_over = Event.objects.filter(action="subtask.handed_over").exists()
    assert subtask.owner == (taker if handed_over else cast.research_contact)


def test_nobody_takes_over_who_leaves_at_the_same_moment(cast, running):
    """Of a chain only one end goes: nothing open belongs to somebody who cannot sign in."""
    taker = make_person("工程师N", cast.research)
    at_once(
        give(cast.research_contact, taker, cast.admin),
        give(taker, cast.research_head, cast.admin, deactivate=True),
    )
    open_to = Deadline.objects.open().exclude(owner__is_active=True)
    assert not open_to.exists()
    assert not Subtask.objects.open().exclude(owner__is_active=True).exists()
