"""Who has room: how much people have in the coming weeks, and what lies behind a number."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Absence, Membership
from conftest import make_department, make_person
from dashboards.load import Cell, Week, weeks_ahead
from deadlines.models import CalendarDay, Deadline
from deadlines.policies import week_of
from deadlines.terms import Terms

pytestmark = [pytest.mark.django_db, pytest.mark.out_of_step]
THREE_WEEKS = [1, 1, 1, 0, 0, 0, 0, 0]


@pytest.fixture
def monday(cast):
    return week_of(Terms.current(timezone.now()).today)


@pytest.fixture
def coming(running, monday):
    """The subtasks of the task lie in this week and the next two."""
    running.subtasks.update(start_date=monday, due_date=monday + dt.timedelta(days=16))
    return running


@pytest.fixture
def see(sign_in, coming):
    def _see(reader, /, **query):
        return sign_in(reader).get(reverse("dashboards:workload"), query).content.decode()

    return _see


def numbers(page, name):
    """The numbers of the weeks in the line of a department or a person."""
    line = next(line for line in page.split("<tr>") if f">{name}</a>" in line)
    return [int(number) for number in re.findall(r"<b>(\d+)</b>", line)]


def owed(task, owner, department, due_at, kind="action_item", number=1):
    return Deadline.objects.create(
        kind=kind,
        subject_type="communications.actionitem",
        subject_id=number,
        task_id=task.pk,
        department=department,
        owner=owner,
        what="提交推广文案初稿",
        link="/",
        due_at=due_at,
        opened_at=timezone.now(),
    )


def next_week():
    return timezone.now() + dt.timedelta(days=7)


def test_a_director_sees_departments_first_and_one_click_opens_the_people(see, cast):
    page = see(cast.director)
    assert numbers(page, "市场部") == THREE_WEEKS
    assert numbers(page, "客服部") == [0] * 8
    assert "财务部" not in page
    assert f'href="?department={cast.market.pk}"' in page
    people = see(cast.director, department=cast.market.pk)
    assert numbers(people, "专员H") == THREE_WEEKS
    assert numbers(people, "经理D") == [0] * 8


def test_a_head_of_one_department_sees_its_people_at_once(see, cast):
    page = see(cast.sales_head)
    assert numbers(page, "专员C") == THREE_WEEKS
    assert "专员H" not in page


def test_what_is_overdue_weighs_on_this_week_only(see, cast, coming, monday):
    coming.subtasks.update(
        start_date=monday - dt.timedelta(days=30), due_date=monday - dt.timedelta(days=1)
    )
    assert numbers(see(cast.sales_head), "专员C") == [1, 0, 0, 0, 0, 0, 0, 0]


def test_what_is_done_or_cancelled_is_no_work_any_more(see, cast, coming):
    coming.subtasks.update(state="done", done_at=timezone.now())
    assert numbers(see(cast.sales_head), "专员C") == [0] * 8
    coming.subtasks.update(state="open", done_at=None)
    type(coming).objects.filter(pk=coming.pk).update(stage="cancelled")
    assert numbers(see(cast.sales_head), "专员C") == [0] * 8


def test_what_was_agreed_counts_in_the_week_in_which_it_is_due(see, cast, coming):
    owed(coming, cast.sales_staff, cast.sales, next_week())
    page = see(cast.sales_head)
    assert numbers(page, "专员C") == [1, 2, 1, 0, 0, 0, 0, 0]
    assert "1 of them due" in page


def test_a_number_opens_the_rows_it_counts(see, cast, coming, monday):
    owed(coming, cast.sales_staff, cast.sales, next_week())
    week = (monday + dt.timedelta(days=7)).isoformat()
    page = see(cast.sales_head, department=cast.sales.pk, person=cast.sales_staff.pk, week=week)
    behind = page[page.index('id="behind"') :]
    assert behind.count("<tr>") - 1 == numbers(page, "专员C")[1] == 2
    assert "渠道铺设" in behind
    assert "提交推广文案初稿" in behind


def test_what_was_agreed_in_a_task_one_may_not_see_is_not_counted(see, cast, coming):
    """Its owner works in 销售部, which takes no part in that task (R29)."""
    coming.collaborations.filter(department=cast.sales).delete()
    coming.subtasks.filter(department=cast.sales).delete()
    coming.members.all().delete()
    owed(coming, cast.sales_staff, cast.sales, next_week())
    assert numbers(see(cast.sales_head), "专员C") == [0] * 8
    assert numbers(see(cast.director), "销售部") == [0, 1, 0, 0, 0, 0, 0, 0]


def test_another_department_cannot_be_asked_for(see, cast):
    page = see(cast.sales_head, department=cast.market.pk, person=cast.market_staff.pk)
    assert "专员H" not in page


@pytest.mark.parametrize(
    "query", [{"week": "2024-13-77"}, {"person": "x"}, {"department": "9" * 30}]
)
def test_nonsense_in_the_address_is_ignored(see, cast, query):
    assert numbers(see(cast.sales_head, **query), "专员C") == THREE_WEEKS


def test_days_away_are_shown_where_they_lie(see, cast, monday):
    first = monday + dt.timedelta(days=7)
    Absence.objects.create(
        person=cast.sales_staff,
        stand_in=cast.sales_head,
        starts_on=first,
        ends_on=first + dt.timedelta(days=13),
    )
    for day in range(28):
        CalendarDay.objects.filter(date=monday + dt.timedelta(days=day)).delete()
    page = see(cast.sales_head)
    assert page.count("away all week") == 2
    assert see(cast.director).count("1 person away") == 2


def test_a_week_with_holidays_says_how_short_it_is(see, cast, monday):
    CalendarDay.objects.all().delete()
    CalendarDay.objects.create(date=monday + dt.timedelta(days=9), name="节日", is_working=False)
    assert see(cast.sales_head).count("4 working days") == 1


def test_who_left_the_department_keeps_a_line_as_long_as_work_is_left(see, cast):
    Membership.objects.filter(user=cast.sales_staff).delete()
    assert numbers(see(cast.sales_head), "专员C") == THREE_WEEKS


def test_who_belongs_nowhere_is_told_so(see, cast):
    assert "You belong to no department" in see(cast.admin)


@pytest.mark.parametrize(
    ("total", "people", "word"),
    [
        (0, 1, "free"),
        (2, 1, "has room"),
        (3, 1, "well filled"),
        (4, 1, "well filled"),
        (5, 1, "overloaded"),
        (5, 2, "well filled"),
        (1, 0, "has room"),
    ],
)
def test_the_word_goes_by_the_number_for_each_person(total, people, word):
    week = Week(dt.date(2024, 10, 7), is_first=True, working_days=5)
    assert Cell(week, total, 0, people=people).level[1] == word


def test_eight_weeks_begin_with_the_one_it_is_now(cast):
    sunday = dt.datetime(2024, 12, 29, 15, 59, tzinfo=dt.UTC)  # 23:59 in Shanghai
    weeks = weeks_ahead(Terms.current(sunday))
    assert weeks[0].monday == dt.date(2024, 12, 23)
    assert weeks[-1].sunday == dt.date(2025, 2, 16)


def test_beside_each_candidate_stands_how_much_they_have(sign_in, cast, assigning, running):
    item = running.work_items.get(name="渠道铺设")
    running.subtasks.filter(department=cast.sales).update(state="cancelled")
    page = sign_in(cast.sales_head).get(
        reverse("tasks:take_on", args=[item.pk]), {"department": cast.sales.pk}
    )
    assert "专员C · 0 open subtasks" in page.content.decode()
    running.subtasks.filter(department=cast.sales).update(state="open")
    page = sign_in(cast.sales_head).get(
        reverse("tasks:take_on", args=[item.pk]), {"department": cast.sales.pk}
    )
    assert "专员C · 1 open subtask<" in page.content.decode()
    assert f"{reverse('dashboards:workload')}?department={cast.sales.pk}" in page.content.decode()


def statements(client, **query):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("dashboards:workload"), query).status_code == 200
    return len(queries)


def test_thirty_departments_or_people_cost_as_many_statements_as_few(sign_in, cast, coming, monday):
    client = sign_in(cast.director)
    week = {"department": cast.sales.pk, "week": monday.isoformat()}
    few, few_people = statements(client), statements(client, **week)
    pattern = coming.subtasks.get(department=cast.sales)
    for number in range(30):
        make_department(f"部{number}", f"部{number}", cast.board)
        pattern.owner = make_person(f"专员{number}", cast.sales)
        pattern.pk, pattern.scope = None, str(number)
        pattern.save(force_insert=True)
        owed(coming, pattern.owner, cast.sales, next_week(), number=number)
    # Session, person, organisation, bell, standing (3), departments, calendar, members, subtasks,
    # duties, who is away; for people: who, instead of members, and the rows of a number (2).
    assert statements(client) == few <= 14
    assert statements(client, **week) == few_people <= 16
