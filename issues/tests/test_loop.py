"""Solution, result, check: round after round until the initiating side closes it (R21–R23)."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from communications.models import Communication
from conftest import at
from coordination.errors import DomainError, EditedMeanwhile, NotAllowed, StageChanged
from deadlines.models import Notice
from issues.models import Issue, Measure, Solution
from issues.services import recording, solving
from issues.tests.conftest import (
    ANSWERED,
    CHECKED,
    DECIDED,
    RECORDED,
    answer,
    fresh,
    measures_of,
    record,
    solve,
)
from issues.workflow import TRANSITIONS
from tasks.models import Task
from tasks.services.assignment import OtherTask
from tasks.services.initiation import NotInDepartment

DAY = dt.date(2024, 10, 14)


def meeting(cast, task, **changes):
    values = {
        "task": task,
        "purpose": "coordination",
        "topic": "宣传物料交付协调会",
        "starts_at": at("2024-10-13 14:00"),
        "ends_at": at("2024-10-13 15:00"),
        "state": "to_log",
        "opened_by": cast.market_head,
        "keeper": cast.market_head,
    } | changes
    return Communication.objects.create(**values)


def close(cast, issue, by=None):
    return solving.close_issue(issue=issue, by=by or cast.market_head, now=CHECKED)


def send_back(cast, issue, **changes):
    values = {
        "reason": "门店抽查仍缺物料",
        "next_step": "供应商补送三家门店",
        "next_date": dt.date(2024, 10, 16),
    } | changes
    return solving.return_issue(issue=issue, by=cast.market_head, now=CHECKED, **values)


@pytest.mark.out_of_step
def test_a_solution_has_numbered_measures_one_responsible_person_and_a_new_date(cast, issue):
    talk = meeting(cast, issue.task)
    solution = solve(cast, issue, meeting=talk).last_solution
    assert [(m.position, m.owner) for m in solution.measures.all()] == [
        (1, cast.market_staff),
        (2, cast.market_head),
    ]
    assert (solution.owner, solution.department) == (cast.market_staff, cast.market)
    assert (solution.round, solution.due_date, solution.meeting) == (1, DAY, talk)
    assert (fresh(issue).state, fresh(issue).next_date) == ("solving", DAY)


def test_everybody_named_in_a_solution_sees_the_task_and_is_told(cast, issue):
    measures = [{"what": "协调门店", "owner": cast.sales_staff, "due_date": DAY}]
    solve(cast, issue, measures=measures, department=cast.research, owner=cast.research_contact)
    named = {cast.sales_staff, cast.research_contact}
    assert named <= {m.user for m in issue.task.members.all()}
    told = Notice.objects.filter(event__action="issue.record_solution")
    assert {n.recipient for n in told} == named | {cast.market_staff}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"owner": None}, "owner"),
        ({"department": None}, "department"),
        ({"due_date": None}, "due_date"),
        ({"due_date": dt.date(2024, 10, 12)}, "due_date"),
        ({"measures": []}, "measures"),
        ({"measures": [{"what": "做", "owner": None, "due_date": DAY}]}, "measures"),
        ({"measures": [{"what": " ", "owner": "staff", "due_date": DAY}]}, "measures"),
        ({"measures": [{"what": "做", "owner": "staff", "due_date": None}]}, "measures"),
        ({"measures": [{"what": "做", "owner": "outsider", "due_date": DAY}]}, "measures"),
    ],
)
def test_a_solution_without_what_who_or_when_is_refused(cast, issue, changes, field):
    people = {"staff": cast.market_staff, "outsider": cast.outsider}
    for measure in changes.get("measures", []):
        measure["owner"] = people.get(measure["owner"])
    with pytest.raises(DomainError) as refusal:
        solve(cast, issue, **changes)
    assert refusal.value.field == field
    assert not Solution.objects.exists()


def test_the_responsible_person_belongs_to_the_responsible_department(cast, issue):
    with pytest.raises(NotInDepartment):
        solve(cast, issue, owner=cast.sales_staff)


def test_a_meeting_of_another_task_or_a_cancelled_one_is_refused(cast, issue):
    with pytest.raises(OtherTask):
        solve(cast, issue, meeting=Communication(task_id=issue.task_id + 1))
    with pytest.raises(solving.MeetingCancelled):
        solve(cast, issue, meeting=meeting(cast, issue.task, state="cancelled"))


def test_solved_waits_for_the_check_of_the_initiating_side(cast, answered):
    assert answered.state == "answered"
    # Answered on Monday 14 October: to be checked by Wednesday.
    assert answered.next_date == dt.date(2024, 10, 16)
    solution = answered.last_solution
    assert (solution.result, solution.answered_by) == ("solved", cast.market_staff)
    told = Notice.objects.filter(event__action="issue.answer_solved")
    assert {n.recipient for n in told} == {cast.market_head}


def test_unsolved_goes_on_with_a_next_step_and_a_second_round(cast, solving_issue):
    step = {"next_step": "更换供应商", "next_date": dt.date(2024, 10, 17)}
    issue = answer(cast, solving_issue, result="unsolved", result_text="仍未到货", **step)
    assert (issue.state, issue.next_date) == ("open", dt.date(2024, 10, 17))
    assert issue.responsible == issue.owner
    again = solve(cast, issue, now=ANSWERED, due_date=dt.date(2024, 10, 17))
    assert (again.last_solution.round, again.state) == (2, "solving")
    closed = close(cast, answer(cast, again))
    assert [s.result for s in closed.solutions.all()] == ["unsolved", "solved"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"next_step": "", "next_date": DAY}, "next_step"),
        ({"next_step": "更换供应商", "next_date": None}, "next_date"),
        ({"next_step": "更换供应商", "next_date": dt.date(2024, 10, 1)}, "next_date"),
        ({"result": "pending"}, "result"),
        ({"result": "nonsense"}, "result"),
    ],
)
def test_unsolved_without_a_next_step_and_its_date_is_refused(cast, solving_issue, changes, field):
    with pytest.raises(DomainError) as refusal:
        answer(cast, solving_issue, **({"result": "unsolved"} | changes))
    assert refusal.value.field == field
    assert fresh(solving_issue).state == "solving"


def test_a_failed_check_makes_the_round_unsolved_and_the_loop_goes_on(cast, answered):
    issue = send_back(cast, answered)
    solution = issue.last_solution
    assert (issue.state, issue.next_date) == ("open", dt.date(2024, 10, 16))
    assert (solution.result, solution.next_step) == ("unsolved", "供应商补送三家门店")
    assert (solution.return_reason, solution.returned_by) == ("门店抽查仍缺物料", cast.market_head)
    assert Event.objects.about(issue).first().reason == "门店抽查仍缺物料"


@pytest.mark.parametrize("missing", ["reason", "next_step", "next_date"])
def test_a_return_says_why_and_what_next(cast, answered, missing):
    with pytest.raises(DomainError) as refusal:
        send_back(cast, answered, **{missing: None})
    assert refusal.value.field == missing
    assert fresh(answered).state == "answered"


def test_only_the_initiating_side_closes_after_the_answer(cast, answered):
    for person in (cast.market_staff, cast.sales_head, cast.research_contact, cast.director):
        with pytest.raises(NotAllowed):
            close(cast, answered, by=person)
    closed = close(cast, answered)
    assert (closed.state, closed.closed_by, closed.closed_at) == (
        "closed",
        cast.market_head,
        CHECKED,
    )


def test_a_general_issue_is_solved_by_its_department_and_closed_by_the_initiating_one(
    cast, running
):
    of_sales = {"department": cast.sales, "owner": cast.sales_staff}
    issue = record(cast, running, by=cast.sales_staff, needs_other_departments=False, **of_sales)
    measures = [{"what": "补货", "owner": cast.sales_staff, "due_date": DAY}]
    issue = solve(cast, issue, by=cast.sales_head, measures=measures, **of_sales)
    issue = answer(cast, issue, by=cast.sales_staff)
    with pytest.raises(NotAllowed):
        close(cast, issue, by=cast.sales_head)
    assert close(cast, issue).is_closed


def test_a_department_does_not_solve_a_cross_department_issue_alone(cast, running):
    of_sales = {"department": cast.sales, "owner": cast.sales_staff}
    issue = record(cast, running, by=cast.sales_staff, **of_sales)
    with pytest.raises(NotAllowed):
        solve(cast, issue, by=cast.sales_head, **of_sales)


ACTS = {
    "record_solution": lambda cast, issue: solve(cast, issue),
    "answer_solved": lambda cast, issue: answer(cast, issue, by=cast.market_head),
    "answer_unsolved": lambda cast, issue: answer(
        cast, issue, by=cast.market_head, result="unsolved", next_step="再试", next_date=DAY
    ),
    "close": close,
    "return": lambda cast, issue: send_back(cast, issue),
}


@pytest.mark.parametrize("act", TRANSITIONS)
@pytest.mark.parametrize("state", ["open", "solving", "answered", "closed"])
def test_every_pair_of_states_moves_only_as_the_table_says(cast, issue, state, act):
    if state != "open":
        issue = solve(cast, issue)
    if state in ("answered", "closed"):
        issue = answer(cast, issue)
    if state == "closed":
        issue = close(cast, issue)
    old, to = TRANSITIONS[act]
    if state in old:
        ACTS[act](cast, issue)
        assert fresh(issue).state == to
    else:
        with pytest.raises(StageChanged):
            ACTS[act](cast, issue)
        assert fresh(issue).state == state


def test_a_closed_issue_takes_no_edit_and_no_attempt(cast, answered):
    closed = close(cast, answered)
    with pytest.raises(StageChanged):
        recording.add_attempt(issue=closed, by=cast.market_head, now=CHECKED, description="再试")
    with pytest.raises(StageChanged):
        recording.edit_issue(
            issue=closed,
            by=cast.market_head,
            now=CHECKED,
            version=closed.version,
            reason="改",
            cause="甲",
        )


@pytest.mark.parametrize("stage", ["archived", "cancelled"])
@pytest.mark.out_of_step
def test_an_ended_task_takes_no_move(cast, answered, stage):
    Task.objects.filter(pk=answered.task_id).update(stage=stage, ended_at=CHECKED)
    with pytest.raises(StageChanged):
        close(cast, answered)


@pytest.mark.django_db(transaction=True)
def test_two_people_closing_at_once_leave_one_entry(cast, answered):
    def one(_):
        try:
            close(cast, Issue.objects.get(pk=answered.pk))
        except StageChanged:
            return "told"
        finally:
            connection.close()
        return "closed"

    with ThreadPoolExecutor(2) as people:
        assert sorted(people.map(one, range(2))) == ["closed", "told"]
    assert Event.objects.about(answered).filter(action="issue.close").count() == 1


# The database is the last line ---------------------------------------------------------------


def refused_by_the_database(model, **values):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**values)


@pytest.mark.parametrize(
    "broken",
    [
        {"next_date": None},
        {"owner": None},
        {"department": None},
        {"description": ""},
        {"cause": ""},
        {"grade": "general"},
        {"grade": "cross", "needs_other_departments": False},
        {"state": "nonsense"},
        {"state": "closed"},
        {"position": 1},
        {"recorded_at": at("2024-10-12 09:00")},
        {"reported_late_by": dt.timedelta(hours=1)},
    ],
    ids=str,
)
@pytest.mark.out_of_step
def test_the_database_takes_no_issue_without_owner_date_and_grade(cast, issue, broken):
    whole = {
        "task": issue.task,
        "position": 2,
        "description": "甲",
        "cause": "乙",
        "occurred_at": RECORDED,
        "recorded_at": RECORDED,
        "recorded_by": cast.market_staff,
        "department": cast.market,
        "owner": cast.market_staff,
        "needs_other_departments": True,
        "grade": "cross",
        "next_date": DAY,
    }
    refused_by_the_database(Issue, **(whole | broken))
    assert Issue.objects.create(**whole).pk


@pytest.mark.parametrize(
    "broken",
    [
        {"owner": None},
        {"department": None},
        {"due_date": None},
        {"round": 1},
        {"result": "unsolved", "answered_at": ANSWERED},
        {"result": "unsolved", "answered_at": ANSWERED, "next_step": "再试"},
        {"result": "unsolved", "answered_at": ANSWERED, "next_date": DAY},
        {"result": "solved"},
        {"result": "nonsense", "answered_at": ANSWERED},
        {"returned_at": ANSWERED},
    ],
    ids=str,
)
def test_the_database_takes_no_solution_without_who_when_and_next_step(cast, answered, broken):
    whole = {
        "issue": answered,
        "round": 2,
        "department": cast.market,
        "owner": cast.market_staff,
        "due_date": DAY,
        "decided_at": DECIDED,
        "decided_by": cast.market_head,
    }
    if "answered_at" in broken:
        broken = broken | {"answered_by": cast.market_staff}
    refused_by_the_database(Solution, **(whole | broken))
    assert Solution.objects.create(**whole).pk


def test_the_database_takes_one_running_round_only(cast, solving_issue):
    refused_by_the_database(
        Solution,
        issue=solving_issue,
        round=2,
        department=cast.market,
        owner=cast.market_staff,
        due_date=DAY,
        decided_at=DECIDED,
        decided_by=cast.market_head,
    )


@pytest.mark.parametrize("broken", [{"owner": None}, {"due_date": None}, {"what": ""}], ids=str)
def test_the_database_takes_no_measure_without_what_who_and_when(cast, solving_issue, broken):
    whole = measures_of(cast)[0] | {"solution": solving_issue.last_solution, "position": 3}
    refused_by_the_database(Measure, **(whole | broken))
    assert Measure.objects.create(**whole).pk


def test_in_every_state_somebody_is_responsible_by_some_day(cast, issue):
    for step in (lambda i: i, lambda i: solve(cast, i), lambda i: answer(cast, i)):
        issue = step(issue)
        assert issue.responsible == cast.market_staff
        assert issue.next_date


def test_an_answer_opened_in_one_round_is_not_taken_for_the_next(cast, issue):
    """The form of round 1, sent when round 2 is running: told, not taken."""
    issue = solve(cast, issue)
    opened = issue.version
    issue = answer(
        cast, issue, result="unsolved", next_step="换供应商", next_date=dt.date(2024, 10, 20)
    )
    issue = solve(cast, issue)
    with pytest.raises(EditedMeanwhile):
        answer(cast, issue, result="solved", version=opened)
    assert fresh(issue).state == "solving"
