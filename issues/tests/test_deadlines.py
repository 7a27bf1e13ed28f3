"""Whoever must move the loop on owes it by the end of the next date, and sees it (R22, R30)."""

import datetime as dt

import pytest

from conftest import at
from deadlines.models import Deadline
from deadlines.services import settle_task
from issues.services import recording, solving
from issues.tests.conftest import CHECKED, RECORDED, answer, record, solve

DAY = dt.date(2024, 10, 17)


def owed(issue):
    """The one open duty of the loop: who, by when, where."""
    duty = Deadline.objects.open().of(issue).get()
    return duty.owner, duty.due_at, duty.link


def test_each_state_of_the_loop_is_owed_by_whoever_moves_it_on(cast, issue):
    day_end, address = at("2024-10-14 23:59:59"), f"/issues/{issue.pk}/"
    assert owed(issue) == (cast.market_head, day_end, address + "solve/")
    issue = solve(cast, issue)
    assert owed(issue) == (cast.market_staff, day_end, address + "answer/")
    issue = answer(cast, issue, result="unsolved", next_step="更换供应商", next_date=DAY)
    assert owed(issue) == (cast.market_head, at("2024-10-17 23:59:59"), address + "solve/")
    issue = answer(cast, solve(cast, issue, due_date=DAY))
    assert owed(issue) == (cast.market_head, at("2024-10-16 23:59:59"), address)
    solving.close_issue(issue=issue, by=cast.market_head, now=CHECKED)
    assert not Deadline.objects.open().of(issue).exists()
    settled = Deadline.objects.of(issue).values_list("settled_how", flat=True)
    assert "cancelled" not in settled


def test_a_general_issue_is_owed_by_the_head_of_its_department(cast, running):
    issue = record(
        cast,
        running,
        by=cast.sales_staff,
        department=cast.sales,
        owner=cast.sales_staff,
        needs_other_departments=False,
    )
    assert owed(issue)[0] == cast.sales_head
    recording.grade_issue(
        issue=issue,
        by=cast.sales_staff,
        now=RECORDED,
        version=issue.version,
        needs_other_departments=True,
        affects_finish=False,
        reason="需要市场部支持",
    )
    assert owed(issue)[0] == cast.market_head


@pytest.mark.parametrize("how", ["done", "cancelled"])
@pytest.mark.out_of_step
def test_the_end_of_the_task_ends_the_duty(issue, how):
    settle_task(task=issue.task, now=CHECKED, how=how)
    assert not Deadline.objects.open().of(issue).exists()
