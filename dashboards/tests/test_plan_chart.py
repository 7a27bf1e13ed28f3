"""The plan of a task: who does what until when, who waits for whom."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import at
from tasks.models import Subtask
from tasks.services import support
from weekly.services.progress import report_progress

pytestmark = pytest.mark.django_db


@pytest.fixture
def see(sign_in, cast, running):
    def _see(person=cast.market_head, **query):
        page = sign_in(person).get(reverse("dashboards:plan_chart", args=[running.pk]), query)
        return page.content.decode()

    return _see


def bars(page):
    """What each bar says to whoever cannot see it."""
    return re.findall(r'class="gantt__bar[^"]*" href="[^"]*" aria-label="([^"]*)"', page)


def ask(cast, subtask):
    return support.ask_support(
        subtask=subtask,
        department=cast.market,
        by=subtask.owner,
        now=at("2024-10-02 09:00"),
        what="宣传海报设计稿",
        needed_by=dt.date(2024, 10, 8),
    )


def test_every_subtask_says_who_from_when_to_when_and_how_far(see, cast, running):
    subtask = running.subtasks.get(name="产品培训")
    report_progress(
        subtask=subtask,
        by=cast.research_contact,
        now=at("2024-10-04 09:00"),
        week=dt.date(2024, 9, 30),
        actual=30,
        cause="other",
        reason="国庆放假",
    )
    training = next(label for label in bars(see()) if "产品培训" in label)
    assert "工程师F" in training
    assert "1 Oct – 15 Oct" in training
    assert "30%" in training


def test_what_nobody_has_reported_is_not_zero_percent(see):
    page = see()
    assert len(bars(page)) == 3
    assert "no report yet" in page
    assert " 0%" not in page


@pytest.mark.out_of_step
def test_what_is_late_says_so_in_words_and_can_be_picked_out(see, running):
    assert all("days late" in label for label in bars(see(show="late")))
    Subtask.objects.filter(task=running).update(due_date=dt.date(2999, 1, 1))
    assert "Nothing of this kind in the plan" in see(show="late")


@pytest.mark.out_of_step
def test_what_lags_says_by_how_much(see, cast, running):
    subtask = running.subtasks.get(name="产品培训")
    report_progress(
        subtask=subtask,
        by=cast.research_contact,
        now=at("2024-10-04 09:00"),
        week=dt.date(2024, 9, 30),
        actual=10,
        cause="other",
        reason="国庆放假",
    )
    running.subtasks.update(due_date=dt.date(2999, 1, 1))
    (training,) = bars(see(show="late"))
    # By the end of the last full week all of the plan should have been reached.
    assert "10% · 90% behind plan" in training


@pytest.mark.out_of_step
def test_what_is_done_is_not_late(see, running):
    Subtask.objects.filter(task=running).update(state="done", done_at=at("2024-10-10 09:00"))
    assert all(label.endswith("Done") for label in bars(see()))
    assert bars(see(show="open")) == []


def test_support_stands_with_the_department_that_was_asked_and_points_at_the_subtask(
    see, cast, running
):
    ask(cast, running.subtasks.get(name="渠道铺设"))
    page = see(department="市场部")
    assert any("宣传海报设计稿" in label and "渠道铺设" in label for label in bars(page))
    assert "marker-end" not in page, "the subtask that waits is not of this department"
    assert "marker-end" in see()


def test_the_table_says_the_same(see, cast, running):
    ask(cast, running.subtasks.get(name="渠道铺设"))
    page = see()
    table = page[page.index("The plan as a table") :]
    assert table.count("<tr>") == 1 + len(bars(page)) == 5


def test_nonsense_in_the_address_shows_everything(see):
    assert len(bars(see(show="\x00", department=""))) == 3


def test_who_takes_no_part_does_not_see_the_plan(sign_in, cast, running):
    page = sign_in(cast.outsider).get(reverse("dashboards:plan_chart", args=[running.pk]))
    assert page.status_code == 404


def statements(client, address):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.out_of_step
def test_thirty_subtasks_cost_as_many_statements_as_three(sign_in, cast, running):
    client = sign_in(cast.market_head)
    address = reverse("dashboards:plan_chart", args=[running.pk])
    ask(cast, running.subtasks.get(name="渠道铺设"))
    few = statements(client, address)
    pattern = running.subtasks.get(name="渠道铺设")
    for number in range(27):
        pattern.pk, pattern.name, pattern.scope = None, f"子任务{number}", str(number)
        pattern.save(force_insert=True)
        ask(cast, pattern)
    # Session, person, organisation, bell, standing (3), task, seats, calendar; subtasks with
    # reports and support (3); the stage bar.
    assert statements(client, address) == few <= 20
