"""What changed since one was last here, task by task."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.visits import note_visit
from audit import history
from conftest import at
from coordination.templatetags.history import what_happened
from dashboards.changed import READ, SHOWN, changes_for
from deadlines.models import Notice
from deadlines.services import tell
from tasks.models import TaskMember

HOME = reverse("home")
HERE = reverse("dashboards:here")

pytestmark = pytest.mark.django_db


@pytest.fixture
def change(running, cast):
    """`change(moment)` tells 专员C at a moment that 经理D changed a subtask."""

    def _change(moment, person=cast.sales_staff, task=running):
        now = at(moment)
        event = history.record(
            running.subtasks.get(name="渠道铺设"),
            "subtask.edited",
            by=cast.market_head,
            now=now,
            reason="董事会决定",
        )
        tell(event=event, people=[person], link="/tasks/1/", now=now, task=task)

    return _change


def changed(person, moment):
    """{the task: what was done in it, newest first} as the person finds it at a moment."""
    person.refresh_from_db()
    found = changes_for(person, at(moment))
    return {
        task.context: [f"{n.event.actor_name} {what_happened(n.event)}" for n in task.notices]
        for task in found.tasks
    }


def test_only_what_changed_since_the_last_visit_is_new(cast, change):
    change("2024-10-08 10:00")
    note_visit(by=cast.sales_staff, now=at("2024-10-08 12:00"))
    change("2024-10-08 13:00")
    words = ["经理D changed 渠道铺设"]
    assert changed(cast.sales_staff, "2024-10-09 09:00") == {
        "2024-市场-001 Q4新品上市推广项目": words
    }


def test_it_stays_new_until_one_has_been_away(cast, change):
    note_visit(by=cast.sales_staff, now=at("2024-10-08 12:00"))
    change("2024-10-08 13:00")
    for moment in ("2024-10-09 09:00", "2024-10-09 09:20"):
        note_visit(by=cast.sales_staff, now=at(moment))
        assert changed(cast.sales_staff, moment)
    assert not changed(cast.sales_staff, "2024-10-09 10:00")


def test_on_the_first_visit_the_last_week_is_new(cast, change):
    change("2024-10-01 10:00")
    change("2024-10-07 10:00")
    found = changes_for(cast.sales_staff, at("2024-10-09 09:00"))
    assert (found.number, found.is_first) == (1, True)


def test_a_change_of_a_task_one_may_no_longer_see_is_not_told(cast, change):
    TaskMember.objects.filter(user=cast.outsider).delete()
    change("2024-10-08 10:00", person=cast.outsider)
    assert Notice.objects.filter(recipient=cast.outsider).exists()
    assert changed(cast.outsider, "2024-10-08 11:00") == {}


def test_what_is_not_shown_is_counted(cast, change):
    for minute in range(READ + 5):
        change(f"2024-10-08 10:{minute:02}")
    found = changes_for(cast.sales_staff, at("2024-10-08 11:00"))
    assert (found.number, found.goes_on) == (READ, True)
    assert (len(found.tasks[0].shown), found.tasks[0].beyond) == (SHOWN, READ - SHOWN)


def test_opening_the_page_changes_nothing_but_the_note_that_follows_does(cast, sign_in):
    browser = sign_in(cast.market_head)
    page = browser.get(HOME)
    cast.market_head.refresh_from_db()
    assert cast.market_head.here_at is None
    assert f'hx-post="{HERE}"' in page.content.decode()
    before = timezone.now()
    assert browser.post(HERE, headers={"HX-Request": "true"}).status_code == 204
    cast.market_head.refresh_from_db()
    assert cast.market_head.here_at >= before
    assert HERE not in browser.get(HOME).content.decode()


def test_without_script_a_button_does_it(cast, sign_in):
    browser = sign_in(cast.market_head)
    assert browser.post(HERE).headers["Location"] == HOME
