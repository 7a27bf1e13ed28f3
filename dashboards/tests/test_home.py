"""The first page: what must I do now, whom do I wait for, what has changed?"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from conftest import at
from dashboards.home import IN_GROUP
from deadlines.models import Deadline, Message, Notice
from deadlines.policies import week_of
from tasks.models import Task
from tasks.policies import WEEK
from tasks.services.assignment import take_on_work_item
from weekly.models import Reading, WeeklyReport, WeeklySync
from weekly.services.warnings import watch_all
from weekly.services.weeks import open_weeks

HOME = reverse("home")

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client):
    """Reads English."""
    client.cookies["django_language"] = "en"
    return client


def words_of(browser):
    page = browser.get(HOME).content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_page_begins_with_three_numbers(cast, running, sign_in):
    glance = words_of(sign_in(cast.market_head)).partition("What I owe")[0]
    assert "0 I owe 3 I wait for 3 late 0 Changed" in glance
    glance = words_of(sign_in(cast.sales_staff)).partition("What I owe")[0]
    assert "1 I owe 1 late 0 I wait for 0 Changed" in glance


def test_who_owes_nothing_and_waits_for_nobody_reads_so(cast, sign_in):
    text = words_of(sign_in(cast.outsider))
    assert "0 I owe" in text
    assert "You owe nothing at the moment" in text
    assert "Nobody keeps you waiting" in text
    assert "Nothing that concerns you has changed." in text
    assert "My tasks under way" not in text


def test_late_comes_first(cast, running, sign_in):
    text = words_of(sign_in(cast.sales_staff))
    owed = text.partition("What I owe")[2].partition("What I wait for")[0]
    assert owed.index("Late") < owed.index("Finish the subtask: 渠道铺设")


@pytest.mark.out_of_step
def test_much_that_is_late_does_not_push_the_rest_out_of_sight(cast, running, sign_in):
    late = Deadline.objects.get(owner=cast.sales_staff, kind="subtask_due")
    Deadline.objects.bulk_create(
        Deadline(**_fields(late) | {"subject_id": 1000 + number, "link": f"/tasks/{number}/"})
        for number in range(IN_GROUP + 4)
    )
    text = words_of(sign_in(cast.sales_staff))
    assert text.count("Finish the subtask: 渠道铺设") == IN_GROUP
    assert "5 more" in text.partition("What I wait for")[0]


def test_the_progress_of_a_week_is_one_line_however_many_subtasks(cast, running, sign_in):
    browser = sign_in(cast.sales_staff)
    assert "Report my week" not in words_of(browser)
    first = running.subtasks.get(name="渠道铺设")
    take_on_work_item(
        work_item=first.work_item,
        department=cast.sales,
        by=cast.sales_head,
        now=at("2024-09-25 09:00"),
        name="门店培训",
        goal="覆盖5家门店",
        scope="华东",
        owner=cast.sales_staff,
        start_date=first.start_date,
        due_date=first.due_date,
    )
    open_weeks(at("2024-10-04 09:00"))
    text = words_of(browser)
    assert "4 I owe 4 late" in text
    assert text.count("Report progress") == 1
    assert "and 1 more in the same form" in text
    assert "Report my week" in text


def _fields(duty):
    """What another duty like this one needs."""
    names = ["kind", "subject_type", "task_id", "owner_id", "what", "link", "due_at", "opened_at"]
    return {name: getattr(duty, name) for name in names}


def test_who_is_waited_for_stands_with_since_when(cast, running, sign_in):
    text = words_of(sign_in(cast.market_head)).partition("What I wait for")[2]
    assert "Finish the subtask: 渠道铺设 专员C 销售部 · since 24 Sep" in text


def test_an_initiator_has_the_week_of_each_task_under_way_at_hand(cast, running, sign_in):
    page = sign_in(cast.market_head).get(HOME).content.decode()
    strip = page.partition('class="strip"')[2].partition("</ul>")[0]
    assert running.title in strip
    assert reverse("weekly:week", args=[running.pk]) in strip
    assert f"?task={running.pk}&amp;overdue=1" in strip
    for other in (cast.sales_head, cast.director, cast.market_staff):
        assert 'class="strip"' not in sign_in(other).get(HOME).content.decode()


def test_the_task_that_stands_worst_comes_first_and_says_so(cast, running, sign_in):
    browser = sign_in(cast.market_head)
    assert "On track 2024-市场-001" in words_of(browser)
    watch_all(at("2024-10-20 09:00"))
    assert "Off track 2024-市场-001" in words_of(browser)


def test_a_task_that_waits_for_its_initiator_is_there(cast, draft, sign_in):
    assert "Complete and submit the draft: Q4新品上市推广项目" in words_of(
        sign_in(cast.market_head)
    )


# Session, person, organisation, bell; owed; drafts; awaited and what it is part of, standing (3),
# visible tasks; changes, visible tasks; tasks under way.
@pytest.mark.out_of_step
def test_the_same_number_of_statements_at_three_and_at_thirty_rows(cast, running, sign_in):
    open_weeks(at("2024-10-21 09:00"))
    browser = sign_in(cast.market_head)

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(HOME).status_code == 200
        return len(captured)

    _tell_of_everything(cast.market_head)
    few = statements()
    for number in range(27):
        _one_more_task(running, number)
    _tell_of_everything(cast.market_head)
    assert statements() == few <= 16


def _one_more_task(task, number):
    """Another task under way in which the same is owed."""
    owed = list(Deadline.objects.filter(task_id=task.pk))
    copy = Task.objects.get(pk=task.pk)
    copy.pk, copy.number = None, f"2024-市场-{number + 100}"
    copy.save()
    for duty in owed:
        duty.pk, duty.task_id, duty.subject_id = None, copy.pk, duty.subject_id + 1000 * number
        duty.subject_id += 10_000
    Deadline.objects.bulk_create(owed)


def _tell_of_everything(person):
    """Every entry of the history now stands under the person's bell."""
    now = timezone.now()
    message = Message.objects.create(recipient=person, created_at=now, next_attempt_at=now)
    told = Notice.objects.filter(recipient=person).values("event")
    Notice.objects.bulk_create(
        Notice(recipient=person, event=event, message=message, link="/", created_at=now)
        for event in Event.objects.exclude(pk__in=told)
    )


def test_a_head_finds_the_report_to_read_until_it_is_read_or_a_newer_one_is_out(
    running, cast, client
):
    now = timezone.now()
    sync = WeeklySync.objects.create(task=running, week=week_of(now.date()) - WEEK)
    for number in (1, 2):
        report = WeeklyReport.objects.create(
            sync=sync, number=number, occasion="noon", issued_at=now, content={}
        )
        Reading.objects.create(report=report, department=cast.sales, reader=cast.sales_head)
    client.force_login(cast.sales_head)
    links = re.findall(r'href="([^"]*version=\d)"', client.get(HOME).content.decode())
    assert set(links) == {report.get_absolute_url().replace("&", "&amp;")}
    Reading.objects.update(read_at=now)
    assert "version=2" not in client.get(HOME).content.decode()
