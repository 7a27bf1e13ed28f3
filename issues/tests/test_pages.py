"""The pages of the loop: who may open what, what they say, what they keep (R19–R23, R29)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Event
from issues.models import Issue
from issues.services import recording, solving
from issues.tests.conftest import (
    ANSWERED,
    CAUSE,
    CHECKED,
    DESCRIPTION,
    TRIED,
    answer,
    fresh,
    record,
    solve,
)
from tasks.models import Task


def rows(prefix, *filled, at_least=0):
    """A formset as a browser sends it."""
    data = {
        f"{prefix}-TOTAL_FORMS": len(filled),
        f"{prefix}-INITIAL_FORMS": 0,
        f"{prefix}-MIN_NUM_FORMS": at_least,
    }
    for index, values in enumerate(filled):
        data |= {f"{prefix}-{index}-{k}": v for k, v in ({"ORDER": index + 1} | values).items()}
    return data


def seat(person, department):
    return person.memberships.get(department=department).pk


def record_data(cast, **changes):
    return {
        "description": DESCRIPTION,
        "cause": CAUSE,
        "occurred_at": "2024-10-13T09:00",
        "owner": seat(cast.market_staff, cast.market),
        "subtask": "",
        "next_date": "2024-10-14",
        "needs_other_departments": "yes",
        "affects_finish": "no",
        "report": "on",
    } | {**rows("attempts", {"description": TRIED}), **changes}


def solution_data(cast, **changes):
    who = seat(cast.market_staff, cast.market)
    whose = {"owner": who, "due_date": "2024-10-14"}
    measures = [
        {"what": "市场部协调供应商优先处理，10月14日晚交付"} | whose,
        {"what": "增加1名设计人员支持"} | whose,
    ]
    return whose | {"meeting": ""} | rows("measures", *measures, at_least=1) | changes


def url(name, row):
    return reverse(f"issues:{name}", args=[row.pk])


def test_the_worked_example_goes_round_by_hand(cast, running, sign_in):
    page = sign_in(cast.market_staff).post(url("issue_create", running), record_data(cast))
    issue = Issue.objects.get()
    assert page.url == url("issue_detail", issue)
    assert (issue.grade, issue.department, issue.owner) == (
        "cross",
        cast.market,
        cast.market_staff,
    )
    # Occurred in 2024 and reported today: late, and marked so.
    assert issue.reported_late_by > dt.timedelta(days=1)
    assert [a.description for a in issue.attempts.all()] == [TRIED]

    sign_in(cast.market_head).post(url("solution_record", issue), solution_data(cast))
    assert [m.position for m in issue.last_solution.measures.all()] == [1, 2]
    data = {"result": "solved", "result_text": "已送达", "next_step": "", "next_date": ""}
    data["version"] = fresh(issue).version
    sign_in(cast.market_staff).post(url("solution_answer", issue), data)
    closing = sign_in(cast.market_head).post(url("issue_close", issue), follow=True)
    assert fresh(issue).is_closed
    text = closing.content.decode()
    for words in (DESCRIPTION, CAUSE, TRIED, "增加1名设计人员支持", "已送达", "☑", "late by"):
        assert words in text


PEOPLE = ("market_head", "market_staff", "sales_head", "sales_staff", "director", "outsider")
# Who opens which page of a cross-department issue of 市场部, recorded and owned by 专员H.
# In the order of PEOPLE: initiating head, owner, another head, another's staff, senior, outsider.
TABLE = {
    "issue_detail": (200, 200, 200, 200, 200, 404),
    "issue_edit": (200, 200, 403, 403, 403, 404),
    "attempt_add": (200, 200, 403, 403, 403, 404),
    "issue_grade": (200, 200, 403, 403, 403, 404),
    "issue_report": (200, 200, 403, 403, 403, 404),
    "solution_record": (200, 403, 403, 403, 403, 404),
    "solution_answer": (200, 200, 403, 403, 403, 404),
    "issue_return": (200, 403, 403, 403, 403, 404),
}
REACHED = {"solution_answer": "solving", "issue_return": "answered"}


def bring_to(cast, issue, state):
    if state != "open":
        issue = solve(cast, issue)
    return answer(cast, issue) if state == "answered" else issue


@pytest.mark.parametrize("name", TABLE)
def test_who_opens_which_page(cast, issue, sign_in, name):
    issue = bring_to(cast, issue, REACHED.get(name, "open"))
    found = tuple(sign_in(getattr(cast, p)).get(url(name, issue)).status_code for p in PEOPLE)
    assert found == TABLE[name]


@pytest.mark.parametrize("name", [*TABLE, "issue_close"])
def test_sending_is_refused_to_whom_the_page_is(cast, issue, sign_in, name):
    issue = bring_to(cast, issue, REACHED.get(name, "answered" if "close" in name else "open"))
    if name == "issue_detail":
        return
    before = Event.objects.count()
    for person, status in ((cast.sales_head, 403), (cast.director, 403), (cast.outsider, 404)):
        assert sign_in(person).post(url(name, issue)).status_code == status
    assert Event.objects.count() == before


def test_lists_and_recording_are_for_the_people_of_the_task(cast, running, sign_in):
    for person, seen, recording_ in (
        (cast.sales_staff, 200, 200),
        (cast.director, 200, 403),
        (cast.outsider, 404, 404),
        (cast.finance_head, 404, 404),
    ):
        browser = sign_in(person)
        assert browser.get(url("issue_list", running)).status_code == seen
        assert browser.get(url("issue_create", running)).status_code == recording_


def test_only_the_acts_one_may_do_are_offered(cast, issue, sign_in):
    buttons = {
        person: sign_in(getattr(cast, person)).get(url("issue_detail", issue)).content.decode()
        for person in ("market_head", "market_staff", "sales_head")
    }
    assert url("solution_record", issue) in buttons["market_head"]
    assert url("issue_report", issue) in buttons["market_staff"]
    assert url("solution_record", issue) not in buttons["market_staff"]
    for name in ("solution_record", "issue_report", "issue_edit", "issue_grade", "attempt_add"):
        assert url(name, issue) not in buttons["sales_head"]


def test_an_act_out_of_its_place_leads_back_to_the_issue(cast, issue, sign_in):
    page = sign_in(cast.market_head).get(url("issue_return", issue))
    assert page.url == url("issue_detail", issue)


@pytest.mark.out_of_step
def test_an_archived_task_offers_and_takes_nothing(cast, answered, sign_in):
    Task.objects.filter(pk=answered.task_id).update(stage="archived", ended_at=CHECKED)
    browser = sign_in(cast.market_head)
    assert url("issue_close", answered) not in browser.get(answered.get_absolute_url()).text
    browser.post(url("issue_close", answered))
    assert fresh(answered).state == "answered"
    task = answered.task
    assert browser.get(url("issue_create", task)).url == task.get_absolute_url()


# What is wrong is said at the field, and nothing typed is lost ---------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"description": ""},
        {"cause": ""},
        {"description": "长" * 4001},
        {"description": "空\x00字"},
        {"occurred_at": ""},
        {"occurred_at": "2999-01-01T00:00"},
        {"occurred_at": "2024-13-40T99:99"},
        {"next_date": ""},
        {"next_date": "2024-10-12"},
        {"owner": ""},
        {"owner": "999999999999999999999"},
        {"subtask": "0; DROP TABLE"},
        {"needs_other_departments": ""},
        {"affects_finish": "perhaps"},
        {"attempts-0-description": "长" * 2001},
        {"attempts-TOTAL_FORMS": "x"},
        {"attempts-TOTAL_FORMS": "999999"},
    ],
    ids=lambda changes: next(iter(changes.items()))[0] + "=" + next(iter(changes.values()))[:12],
)
def test_a_wrong_recording_keeps_what_was_typed(cast, running, sign_in, changes):
    data = record_data(cast) | {"cause": "<script>alert(1)</script>"} | changes
    page = sign_in(cast.market_staff).post(url("issue_create", running), data)
    assert page.status_code == 422
    assert "<script>alert(1)" not in page.text
    if changes.get("cause") is None:
        assert "&lt;script&gt;alert(1)" in page.text
    assert not Issue.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": ""},
        {"due_date": ""},
        {"due_date": "2024-10-12"},
        {"measures-0-owner": ""},
        {"measures-0-due_date": ""},
        {"measures-1-what": ""},
        {"measures-1-what": "长" * 301},
        {"measures-0-owner": "0"},
        {"meeting": "123456"},
        {
            "measures-TOTAL_FORMS": "1",
            "measures-0-what": "",
            "measures-0-owner": "",
            "measures-0-due_date": "",
        },
    ],
    ids=str,
)
def test_a_solution_without_who_and_when_is_not_saved(cast, issue, sign_in, changes):
    data = solution_data(cast, **changes)
    page = sign_in(cast.market_head).post(url("solution_record", issue), data)
    assert page.status_code == 422
    if "measures-TOTAL_FORMS" not in changes:
        assert "增加1名设计人员支持" in page.text or "measures-1-what" in changes
    assert fresh(issue).state == "open"


@pytest.mark.parametrize("missing", ["next_step", "next_date", "result"])
def test_unsolved_without_a_next_step_is_not_saved(cast, solving_issue, sign_in, missing):
    data = {
        "version": fresh(solving_issue).version,
        "result": "unsolved",
        "result_text": "供应商再次延期",
        "next_step": "更换供应商",
        "next_date": "2024-10-17",
    }
    browser = sign_in(cast.market_staff)
    page = browser.post(url("solution_answer", solving_issue), data | {missing: ""})
    assert page.status_code == 422
    assert "供应商再次延期" in page.text
    assert fresh(solving_issue).state == "solving"
    assert browser.post(url("solution_answer", solving_issue), data).status_code == 302
    assert fresh(solving_issue).next_date == dt.date(2024, 10, 17)


def test_a_return_without_its_reason_is_not_saved(cast, answered, sign_in):
    data = {"reason": "", "next_step": "补送", "next_date": "2024-10-19"}
    page = sign_in(cast.market_head).post(url("issue_return", answered), data)
    assert page.status_code == 422
    assert "补送" in page.text
    assert fresh(answered).state == "answered"


def test_a_stale_edit_shows_who_changed_what_and_keeps_the_text(cast, issue, sign_in):
    recording.edit_issue(
        issue=issue, by=cast.market_head, now=CHECKED, version=1, reason="查明", cause="甲"
    )
    data = {
        "version": 1,
        "description": DESCRIPTION,
        "cause": "乙",
        "owner": seat(cast.market_staff, cast.market),
        "subtask": "",
        "reason": "我也查明了",
    }
    browser = sign_in(cast.market_staff)
    page = browser.post(url("issue_edit", issue), data)
    assert page.status_code == 409
    for words in ("经理D", "查明", "甲", "乙", "我也查明了"):
        assert words in page.text
    assert fresh(issue).cause == "甲"
    assert browser.post(url("issue_edit", issue), data | {"version": 2}).status_code == 302
    assert fresh(issue).cause == "乙"


def test_grading_again_asks_the_two_questions_and_points_to_the_report(cast, running, sign_in):
    issue = record(cast, running, needs_other_departments=False)
    data = {
        "version": 1,
        "needs_other_departments": "no",
        "affects_finish": "yes",
        "reason": "影响上市",
    }
    browser = sign_in(cast.market_staff)
    page = browser.post(url("issue_grade", issue), data, follow=True)
    assert fresh(issue).must_report
    assert url("issue_report", issue) in page.text
    browser.post(url("issue_report", issue))
    assert fresh(issue).reported_at


def test_a_second_closing_is_told_and_leaves_one_entry(cast, answered, sign_in):
    browser = sign_in(cast.market_head)
    assert browser.post(url("issue_close", answered)).url == answered.get_absolute_url()
    browser.post(url("issue_close", answered))
    assert Event.objects.filter(action="issue.close").count() == 1
    assert browser.get(url("issue_close", answered)).status_code == 405


# Lists -----------------------------------------------------------------------------------------


def test_the_list_is_narrowed_by_grade_state_and_text(cast, running, sign_in):
    record(cast, running, description="甲问题")
    solve(cast, record(cast, running, description="乙问题", needs_other_departments=False))
    browser = sign_in(cast.sales_staff)

    def shown(query):
        text = browser.get(url("issue_list", running) + query).text
        return ("甲问题" in text, "乙问题" in text)

    assert shown("") == (True, True)
    assert shown("?grade=general") == (False, True)
    assert shown("?state=open") == (True, False)
    assert shown("?q=甲") == (True, False)
    assert shown("?q=" + "%00") == (True, True)
    assert shown("?before=x&grade=nonsense") == (True, True)


def test_an_overdue_next_date_is_marked_in_words(cast, running, sign_in):
    assert "No issues so far" in sign_in(cast.sales_staff).get(url("issue_list", running)).text
    record(cast, running)
    text = sign_in(cast.sales_staff).get(url("issue_list", running)).text
    assert "overdue" in text


def queries(browser, address):
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert browser.get(address).status_code == 200
    return len(caught)


def test_the_list_costs_the_same_at_3_and_at_30_issues(cast, running, sign_in):
    """Session, person, organisation, standing (3), task, departments, seats and membership of
    the record button, issues, rounds, and the notes of the stage bar.
    """
    browser, address = sign_in(cast.sales_staff), url("issue_list", running)
    for _ in range(3):
        solve(cast, record(cast, running))
    few = queries(browser, address)
    for _ in range(27):
        solve(cast, record(cast, running))
    assert queries(browser, address) == few <= 20


def test_an_issue_costs_the_same_after_one_round_and_after_six(cast, issue, sign_in):
    browser, address = sign_in(cast.market_head), url("issue_detail", issue)
    step = {"next_step": "再试", "next_date": dt.date(2024, 10, 20)}
    issue = answer(cast, solve(cast, issue), result="unsolved", **step)
    few = queries(browser, address)
    for _ in range(5):
        issue = answer(cast, solve(cast, issue), result="unsolved", **step)
        recording.add_attempt(issue=issue, by=cast.market_head, now=ANSWERED, description="再试")
    assert queries(browser, address) == few <= 20


def test_the_forms_cost_the_same_whatever_the_number_of_rows(cast, issue, sign_in):
    browser = sign_in(cast.market_head)
    assert queries(browser, url("solution_record", issue)) <= 20
    with CaptureQueriesContext(connection) as few:
        browser.post(url("solution_record", issue), solution_data(cast, owner=""))
    many = [{"what": f"措施{n}", "owner": "", "due_date": ""} for n in range(30)]
    with CaptureQueriesContext(connection) as lots:
        data = solution_data(cast, owner="") | rows("measures", *many, at_least=1)
        browser.post(url("solution_record", issue), data)
    assert len(lots) == len(few)


def test_a_round_that_was_returned_says_why(cast, answered, sign_in):
    solving.return_issue(
        issue=answered,
        by=cast.market_head,
        now=CHECKED,
        reason="门店抽查仍缺物料",
        next_step="补送三家门店",
        next_date=dt.date(2024, 10, 19),
    )
    text = sign_in(cast.sales_staff).get(url("issue_detail", answered)).text
    assert "门店抽查仍缺物料" in text
    assert "补送三家门店" in text
