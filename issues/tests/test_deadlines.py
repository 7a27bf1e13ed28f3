"""What is owed for an issue: by whom, by when, until what, and where it is done (R20–R22, R30)."""

import datetime as dt

import pytest

from conftest import at
from deadlines.models import Deadline
from deadlines.services import settle_task
from issues.services import recording, solving
from issues.services.reporting import report_issue
from issues.tests.conftest import (
    CHECKED,
    DECIDED,
    OCCURRED,
    RECORDED,
    answer,
    fresh,
    record,
    solve,
)

DAY = dt.date(2024, 10, 17)
DAY_END = at("2024-10-14 23:59:59")


def owed(*rows):
    """The open duties of these rows: {kind: (who, by when, where)}."""
    open_ones = [duty for row in rows for duty in Deadline.objects.open().of(row)]
    return {duty.kind: (duty.owner, duty.due_at, duty.link) for duty in open_ones}


def became(row, kind):
    """What became of the duties of a kind, in order; "" for one that is open."""
    duties = Deadline.objects.of(row).filter(kind=kind)
    return [*duties.order_by("pk").values_list("settled_how", flat=True)]


def grade(issue, by, **answers):
    return recording.grade_issue(
        issue=issue,
        by=by,
        now=DECIDED,
        version=fresh(issue).version,
        reason="重新判断",
        **({"needs_other_departments": False, "affects_finish": False} | answers),
    )


def test_a_cross_department_issue_is_to_be_reported_and_solved(cast, issue):
    address = f"/issues/{issue.pk}/"
    assert owed(issue) == {
        "issue_report": (cast.market_staff, at("2024-10-14 09:00"), address + "report/"),
        "issue_next": (cast.market_head, DAY_END, address + "solve/"),
    }


def test_each_state_of_the_loop_is_owed_by_whoever_moves_it_on(cast, issue):
    address = f"/issues/{issue.pk}/"
    report_issue(issue=issue, by=cast.market_staff, now=RECORDED)
    issue = solve(cast, issue)
    assert owed(issue) == {"issue_solution": (cast.market_staff, DAY_END, address + "answer/")}
    issue = answer(cast, issue, result="unsolved", next_step="更换供应商", next_date=DAY)
    later = at("2024-10-17 23:59:59")
    assert owed(issue) == {"issue_next": (cast.market_head, later, address + "solve/")}
    issue = answer(cast, solve(cast, issue, due_date=DAY))
    assert owed(issue) == {"issue_next": (cast.market_head, at("2024-10-16 23:59:59"), address)}
    solving.close_issue(issue=issue, by=cast.market_head, now=CHECKED)
    assert not owed(issue)
    for kind in ("issue_report", "issue_next", "issue_solution"):
        assert set(became(issue, kind)) == {"done"}


def test_a_solution_is_owed_in_the_line_of_its_own_department(cast, issue):
    of_research = {"department": cast.research, "owner": cast.research_contact}
    issue = solve(cast, issue, **of_research)
    duty = Deadline.objects.open().of(issue).get(kind="issue_solution")
    assert (duty.owner, duty.department) == (cast.research_contact, cast.research)


def test_a_general_issue_is_owed_by_the_head_of_its_department_and_not_reported(cast, running):
    of_sales = {"department": cast.sales, "owner": cast.sales_staff}
    issue = record(cast, running, by=cast.sales_staff, needs_other_departments=False, **of_sales)
    assert {kind: duty[0] for kind, duty in owed(issue).items()} == {"issue_next": cast.sales_head}
    assert Deadline.objects.open().of(issue).get().department == cast.sales
    grade(issue, cast.sales_staff, needs_other_departments=True)
    assert {kind: duty[0] for kind, duty in owed(issue).items()} == {
        "issue_next": cast.market_head,
        "issue_report": cast.sales_staff,
    }


def test_another_responsible_person_owes_the_report_from_then_on(cast, issue):
    changes = {"department": cast.sales, "owner": cast.sales_staff, "reason": "由销售部牵头"}
    recording.edit_issue(issue=issue, by=cast.market_head, now=DECIDED, version=1, **changes)
    assert owed(issue)["issue_report"][0] == cast.sales_staff
    assert became(issue, "issue_report") == ["moved", ""]


def test_a_report_that_is_no_longer_needed_was_not_made(cast, issue):
    grade(issue, cast.market_staff)
    assert became(issue, "issue_report") == ["cancelled"]


def test_closing_takes_a_forgotten_report_off_the_list_but_not_as_done(cast, answered):
    solving.close_issue(issue=answered, by=cast.market_head, now=CHECKED)
    assert became(answered, "issue_report") == ["cancelled"]


def test_whoever_is_told_owes_the_acknowledgement_where_the_one_button_is(cast, issue):
    report_issue(issue=issue, by=cast.market_staff, now=RECORDED)
    head, senior = fresh(issue).escalations.all()
    for escalation, person in ((head, cast.market_head), (senior, cast.director)):
        address = f"/escalations/{escalation.pk}/acknowledge/"
        due = RECORDED + dt.timedelta(hours=24)
        assert owed(escalation) == {"escalation_ack": (person, due, address)}
    assert became(issue, "issue_report") == ["done"]


def test_a_late_acknowledgement_is_told_above_the_person_and_not_below(cast, issue):
    report_issue(issue=issue, by=cast.market_staff, now=RECORDED)
    head, senior = (Deadline.objects.open().of(e).get() for e in issue.escalations.all())
    assert (head.department, senior.department) == (cast.market, cast.board)


@pytest.mark.parametrize("how", ["done", "cancelled"])
def test_the_end_of_the_task_ends_every_duty(cast, issue, how):
    report_issue(issue=issue, by=cast.market_staff, now=RECORDED)
    issue.task.stage, issue.task.ended_at = "archived", CHECKED
    issue.task.save()
    settle_task(task=issue.task, now=CHECKED, how=how)
    assert not owed(issue, *issue.escalations.all())


def test_what_occurred_long_ago_is_late_from_the_first_moment(cast, running):
    issue = record(cast, running, now=OCCURRED + dt.timedelta(days=3))
    assert Deadline.objects.open().of(issue).get(kind="issue_report").due_at < issue.recorded_at
