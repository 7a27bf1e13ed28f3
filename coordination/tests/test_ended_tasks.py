"""A task that has ended opens no form any more, by whatever address (R5, R26)."""

import pytest
from django.urls import reverse

from coordination.tests.test_roles import ROWS, who_opens
from tasks.choices import Stage
from tasks.models import Task

# Tasks are put into stages past the services.
pytestmark = [pytest.mark.out_of_step, pytest.mark.once]

OF_A_DRAFT = {"tasks:task_edit", "tasks:task_submit"}
# What was sent is read there, too; who may read an archive is still decided.
READ_FOR_EVER = {"weekly:week", "tasks:who_sees"}
FORMS = [
    (name, thing, who_opens(get))
    for name, thing, get, post in ROWS
    if "+" in get and "e" in post and name not in OF_A_DRAFT | READ_FOR_EVER
]


def forms_in_tasks(world):
    """(name, address, task's id, who may open it) of every form inside a submitted task."""
    for name, thing, person in FORMS:
        task_id = getattr(world.things.get(thing), "history_task_id", None)
        if task_id:
            yield name, world.address(name, thing), task_id, person


def places_in(world, task_id):
    """The addresses of the task, its review, and the things in it."""
    inside = [t for t in world.things.values() if getattr(t, "history_task_id", None) == task_id]
    places = {thing.get_absolute_url() for thing in inside if hasattr(thing, "get_absolute_url")}
    return places | {reverse("reviews:review_detail", args=[task_id])}


def test_while_a_task_goes_on_its_forms_open(world):
    for name, address, _task_id, person in forms_in_tasks(world):
        assert world.browser(person).get(address).status_code == 200, name


@pytest.mark.parametrize("stage", [Stage.ARCHIVED, Stage.CANCELLED])
def test_no_form_of_an_ended_task_opens_and_each_leads_back_into_it(world, stage):
    for name, address, task_id, person in forms_in_tasks(world):
        Task.objects.filter(pk=task_id).update(stage=stage)
        answer = world.browser(person).get(address)
        assert answer.status_code == 302, name
        assert answer["Location"] in places_in(world, task_id), name


@pytest.mark.parametrize(
    ("stage", "words"),
    [
        (Stage.ARCHIVED, "This task is archived; nothing can be changed any more."),
        (Stage.CANCELLED, "This task is cancelled; nothing can be changed any more."),
        (
            Stage.ASSIGNMENT,
            "This step has no place in the stage “Assignment”. Here is where the task stands.",
        ),
    ],
)
def test_who_is_led_back_is_told_why(world, stage, words):
    """A week is rolled up while the work goes on."""
    Task.objects.filter(pk=world.things["running"].pk).update(stage=stage)
    page = world.browser("market_head").get(
        world.address("weekly:send", "running"),
        headers={"accept-language": "en"},
        follow=True,
    )
    assert page.redirect_chain == [(world.things["running"].get_absolute_url(), 302)]
    assert words in page.content.decode()


def test_what_was_typed_meanwhile_is_kept(world):
    """The task was archived while somebody filled in the form."""
    Task.objects.filter(pk=world.things["running"].pk).update(stage=Stage.ARCHIVED)
    page = world.browser("market_head").post(
        world.address("tasks:task_cancel", "running"), {"reason": "不再需要"}
    )
    assert page.status_code == 422
    assert "不再需要" in page.content.decode()
