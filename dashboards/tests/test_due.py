"""The calendar of everything due: months, days, what is late; whose, of which task."""

import datetime as dt
import re
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from conftest import at
from dashboards.due import rows
from deadlines.models import Deadline
from tasks.services.assignment import edit_subtask, finish_subtask

URL = reverse("dashboards:due")

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client):
    """Reads English."""
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def look(sign_in):
    """`look(person, month="2024-10")`: the context and the words of the calendar's page."""

    def _look(person, **query):
        answer = sign_in(person).get(URL, query)
        assert answer.status_code == 200
        main = answer.content.decode().partition("<main")[2]
        text = " ".join(re.sub(r"<[^>]+>", " ", main).split())
        return answer.context, text

    return _look


@pytest.fixture
def owe(running, cast):
    """`owe(due, …)` writes a duty of 专员C in the running task, past the services."""
    ids = count(10_000)

    def _owe(due, **changes):
        fields = {
            "kind": "action_item",
            "subject_type": "communications.actionitem",
            "subject_id": next(ids),
            "task_id": running.pk,
            "department": cast.sales,
            "owner": cast.sales_staff,
            "what": "补发宣传物料",
            "context": str(running),
            "link": "/own/form/",
            "due_at": due,
            "opened_at": at("2024-09-24 09:00"),
        }
        return Deadline.objects.create(**fields | changes)

    return _owe


def days_of(context):
    """{day: [(what it says, its state)]} of the month that is shown."""
    return {
        day.date.day: [
            (line.duty.what if line.duty else f"{line.label} × {line.number}", line.state)
            for line in day.entries
        ]
        for week in context["weeks"]
        for day in week.days
        if day and day.entries
    }


def test_a_duty_stands_on_the_day_it_is_due(look, cast, running):
    context, text = look(cast.sales_staff, month="2024-10")
    assert days_of(context)[15] == [("渠道铺设", "late")]
    assert "Due in October 2024" in text
    assert days_of(look(cast.sales_staff, month="2024-11")[0]) == {}


@pytest.mark.parametrize(
    ("settled", "state"),
    [("2024-10-15 23:59", "done"), ("2024-10-16 00:00", "done-late")],
)
def test_what_was_done_stays_and_says_whether_it_was_in_time(look, cast, running, settled, state):
    subtask = running.subtasks.get(name="渠道铺设")
    finish_subtask(subtask=subtask, by=cast.sales_staff, now=at(settled))
    context, _text = look(cast.sales_staff, month="2024-10")
    assert ("渠道铺设", state) in days_of(context)[15]


@pytest.mark.out_of_step
def test_what_is_not_due_yet_is_open(look, cast, owe):
    soon = timezone.now() + dt.timedelta(minutes=1)
    owe(soon)
    context, _text = look(cast.sales_staff, day=timezone.localdate(soon).isoformat())
    assert [(duty.what, duty.state) for duty in context["duties"]] == [("补发宣传物料", "open")]


def test_what_was_moved_stands_only_where_it_went(look, cast, running):
    subtask = running.subtasks.get(name="渠道铺设")
    edit_subtask(
        subtask=subtask,
        by=cast.sales_head,
        now=at("2024-10-08 09:00"),
        version=subtask.version,
        reason="场地改期",
        due_date=dt.date(2024, 10, 22),
    )
    days = days_of(look(cast.sales_staff, month="2024-10")[0])
    assert "渠道铺设" not in [what for what, _state in days.get(15, [])]
    assert ("渠道铺设", "late") in days[22]


@pytest.mark.out_of_step
def test_a_day_belongs_to_the_organisations_zone(look, cast, owe):
    owe(at("2024-09-30 23:59"), what="九月")
    owe(at("2024-10-01 00:00"), what="十月")
    said = days_of(look(cast.sales_staff, month="2024-10")[0])
    assert said[1] == [("十月", "late")]
    assert "九月" not in str(said)


def test_weeks_holidays_and_working_weekends_are_written_down(look, cast):
    context, text = look(cast.outsider, month="2026-10")
    assert [week.number for week in context["weeks"]] == [40, 41, 42, 43, 44]
    looks = {day.date.day: day.look for week in context["weeks"] for day in week.days if day}
    assert [looks[day] for day in (1, 8, 10, 11)] == ["off", "", "work", "weekend"]
    assert "10 Saturday work 国庆节" in text
    assert "Nothing is due in this month." in text


@pytest.mark.parametrize(("month", "number"), [("2026-12", 53), ("2025-12", 1), ("2027-01", 53)])
def test_weeks_are_numbered_by_iso(look, cast, month, number):
    weeks = look(cast.outsider, month=month)[0]["weeks"]
    assert weeks[0 if month.endswith("01") else -1].number == number


def test_one_goes_to_the_month_before_and_after_and_keeps_what_one_chose(look, cast):
    browser_text = look(cast.director, month="2024-12", scope="departments", kind="subtask_due")
    context = browser_text[0]
    assert (context["earlier"], context["later"]) == (dt.date(2024, 11, 1), dt.date(2025, 1, 1))
    assert context["kept"] == {"month": "2024-12", "scope": "departments"}


@pytest.mark.parametrize(
    "month", ["", "2024", "2024-13", "0001-01", "3000-01", "next", "２０２４-10"]
)
def test_nonsense_is_this_month(look, cast, month):
    context, _text = look(cast.outsider, month=month)
    assert context["asked"].first == timezone.localdate().replace(day=1)


def test_from_a_day_one_goes_to_the_days_beside_it(look, cast):
    context, text = look(cast.outsider, day="2024-10-01")
    assert (context["earlier"], context["later"]) == (dt.date(2024, 9, 30), dt.date(2024, 10, 2))
    assert "30 Sep" in text and "2 Oct" in text


def test_at_the_ends_of_reckoning_there_is_no_further_month(look, cast):
    assert look(cast.outsider, month="1900-01")[0]["earlier"] is None
    assert look(cast.outsider, month="2999-12")[0]["later"] is None
    assert look(cast.outsider, day="2999-12-31")[0]["later"] is None


# Whose ------------------------------------------------------------------------------------------


def test_the_initiator_sees_what_everybody_owes_in_the_tasks_they_lead(look, cast, running):
    context, _text = look(cast.market_head, month="2024-10", scope="led", kind="subtask_due")
    assert {what for what, _state in days_of(context)[15]} == {"市场调研", "产品培训", "渠道铺设"}
    nothing = look(cast.sales_head, month="2024-10", scope="led")[0]
    assert nothing["found"].rows == []


def test_a_head_sees_what_the_department_owes_and_a_director_narrows_to_one(look, cast, running):
    def owners(person, **query):
        context, _text = look(
            person, month="2024-10", scope="departments", kind="subtask_due", view="list", **query
        )
        return {duty.owner.name for duty in context["duties"]}

    assert owners(cast.sales_head) == {"专员C"}
    assert owners(cast.director) == {"专员H", "工程师F", "专员C"}
    assert owners(cast.director, department=cast.research.pk) == {"工程师F"}
    assert owners(cast.outsider) == set()


@pytest.mark.out_of_step
def test_what_a_departments_person_owes_in_a_task_beyond_its_reach_is_hidden(look, cast, owe):
    owe(at("2024-10-10 18:00"), department=cast.finance, what="预算口径")
    context, text = look(cast.finance_head, month="2024-10", scope="departments")
    assert context["found"].rows == []
    assert "预算口径" not in text


def test_a_task_shows_all_of_it_to_those_who_see_the_task(look, cast, running, sign_in):
    context, text = look(cast.sales_staff, month="2024-10", task=running.pk, kind="subtask_due")
    assert len(context["found"].rows) == 3
    assert "In this task" in text
    assert sign_in(cast.outsider).get(URL, {"task": running.pk}).status_code == 404
    assert sign_in(cast.sales_staff).get(URL, {"task": "x"}).status_code == 404


@pytest.mark.out_of_step
def test_ones_own_open_duty_leads_to_its_form_anothers_to_what_it_is_about(
    look, cast, owe, running
):
    subtask = running.subtasks.get(name="渠道铺设")
    Deadline.objects.all().delete()
    owe(
        at("2024-10-10 18:00"),
        kind="progress_update",
        subject_type="tasks.subtask",
        subject_id=subtask.pk,
    )

    def place(person, scope):
        return look(person, day="2024-10-10", scope=scope)[0]["duties"][0].place

    assert place(cast.sales_staff, "mine") == "/own/form/"
    assert place(cast.market_head, "led") == subtask.get_absolute_url()
    Deadline.objects.update(settled_at=at("2024-10-09 18:00"), settled_how="done")
    assert place(cast.sales_staff, "mine") == subtask.get_absolute_url()


# How much ---------------------------------------------------------------------------------------


@pytest.mark.out_of_step
def test_a_crowded_day_puts_the_like_together_and_leads_to_its_list(look, cast, owe):
    Deadline.objects.all().delete()
    for minute in range(12):
        owe(at("2024-10-10 18:00") + dt.timedelta(minutes=minute))
    for number in range(2):
        owe(at("2024-10-10 12:00"), kind="issue_next", what=f"问题{number}")
        owe(at("2024-10-10 12:00"), kind="issue_solution", what=f"解决{number}")
    context, text = look(cast.sales_staff, month="2024-10")
    lines = [what for what, _state in days_of(context)[10]]
    assert lines == ["Do what was agreed × 12", "问题0", "问题1", "解决0"]
    assert "1 more" in text
    context, text = look(cast.sales_staff, day="2024-10-10")
    assert len(context["duties"]) == 16
    assert "Due on 10 Oct 2024" in text


@pytest.mark.out_of_step
def test_a_month_with_too_much_says_how_far_it_goes(look, cast, owe, monkeypatch):
    Deadline.objects.all().delete()
    monkeypatch.setattr(rows, "READ", 3)
    for day in range(1, 9):
        owe(at(f"2024-10-0{day} 18:00"))
    context, text = look(cast.sales_staff, month="2024-10")
    assert sorted(days_of(context)) == [1, 2, 3]
    assert "what is due before 4 Oct 2024 is shown" in text
    cut = [day.date.day for week in context["weeks"] for day in week.days if day and day.is_cut]
    assert cut == list(range(4, 32))
    assert [duty.due_at for duty in look(cast.sales_staff, day="2024-10-08")[0]["duties"]]


@pytest.mark.out_of_step
def test_all_that_is_late_is_listed_whenever_it_was_due(look, cast, owe):
    Deadline.objects.all().delete()
    owe(at("2023-05-01 18:00"), what="去年")
    owe(at("2024-10-10 18:00"), what="今年")
    owe(timezone.now() + dt.timedelta(days=1), what="明天")
    done = {"settled_at": at("2024-10-12 09:00"), "settled_how": "done"}
    owe(at("2024-10-11 18:00"), what="已完成", **done)
    context, _text = look(cast.sales_staff, overdue="1")
    assert [duty.what for duty in context["duties"]] == ["去年", "今年"]


@pytest.mark.out_of_step
@pytest.mark.parametrize(
    ("state", "said"), [("open", ["未完成"]), ("late", ["未完成"]), ("done", ["已完成", "迟完成"])]
)
def test_a_month_can_be_narrowed_to_a_status(look, cast, owe, state, said):
    Deadline.objects.all().delete()
    owe(at("2024-10-10 18:00"), what="未完成")
    owe(
        at("2024-10-11 18:00"), what="已完成", settled_at=at("2024-10-11 18:00"), settled_how="done"
    )
    owe(
        at("2024-10-12 18:00"), what="迟完成", settled_at=at("2024-10-13 18:00"), settled_how="done"
    )
    context, _text = look(cast.sales_staff, month="2024-10", view="list", state=state)
    assert [duty.what for duty in context["duties"]] == said


# Session, person, organisation, bell; standing (3); open, done, visible tasks; holidays; the shown
# duties and what they are parts of; the departments to choose, the task.
@pytest.mark.out_of_step
@pytest.mark.parametrize(
    "query",
    [
        {"month": "2024-10"},
        {"month": "2024-10", "view": "list"},
        {"month": "2024-10", "scope": "led"},
        {"month": "2024-10", "scope": "departments"},
        {"day": "2024-10-10", "scope": "departments"},
        {"overdue": "1", "scope": "departments"},
        {"month": "2024-10", "task": "this"},
    ],
    ids=str,
)
def test_the_same_number_of_statements_at_three_and_at_thirty_rows(
    sign_in, cast, owe, running, query
):
    query = query | ({"task": running.pk} if "task" in query else {})
    browser = sign_in(cast.market_head)

    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(URL, query).status_code == 200
        return len(captured)

    person = {"owner": cast.market_head, "department": cast.market}
    for hour in range(3):
        owe(at(f"2024-10-10 {hour:02}:00"), **person)
    few = statements()
    for day in range(1, 28):
        owe(at(f"2024-10-{day:02} 12:00"), **person)
    assert statements() == few <= 16
