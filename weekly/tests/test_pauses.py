"""Weeks in which the work had been finished owe nothing when it is taken up again (R16, R17)."""

import datetime as dt

import pytest

from conftest import at
from deadlines.models import Deadline
from tasks.services import assignment, closing
from weekly.models import WeeklyReport
from weekly.services.issuing import issue_due
from weekly.services.weeks import open_weeks

BEFORE = ["2024-09-30", "2024-10-07"]


def owed(kind, **more):
    rows = Deadline.objects.open().filter(kind=kind, **more)
    return sorted(rows.values_list("period", flat=True))


def test_a_task_that_was_resumed_owes_no_week_of_the_time_between(running, cast):
    open_weeks(at("2024-10-14 00:00"))
    closing.finish_task(task=running, by=cast.market_head, now=at("2024-10-16 17:00"))
    assert issue_due(at("2024-10-21 12:00")) == 3
    closing.resume_task(
        task=running, by=cast.market_head, now=at("2024-11-15 10:00"), reason="两家门店未铺货"
    )
    open_weeks(at("2024-11-15 11:00"))
    assert issue_due(at("2024-11-15 11:00")) == 0
    assert owed("weekly_sync") == [*BEFORE, "2024-10-14", "2024-11-11"]
    channel = running.subtasks.get(name="渠道铺设").pk
    assert owed("progress_update", subject_id=channel) == [*BEFORE, "2024-11-11"]
    assert issue_due(at("2024-11-18 12:00")) == 1
    assert WeeklyReport.objects.get(sync__week=dt.date(2024, 11, 11)).occasion == "noon"


@pytest.mark.parametrize(
    ("again", "expected"),
    [("10-12", ["2024-10-07"]), ("10-14", ["2024-10-14"]), ("11-05", ["2024-11-04"])],
)
def test_a_subtask_that_was_reopened_owes_the_weeks_from_then_on(
    running, cast, report, again, expected
):
    report("渠道铺设", 40, "10-04 17:00")
    subtask = running.subtasks.get(name="渠道铺设")
    done = at("2024-10-11 09:00")
    assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=done)
    assignment.reopen_subtask(
        subtask=subtask, by=cast.sales_head, now=at(f"2024-{again} 09:00"), reason="两家未铺货"
    )
    assert owed("progress_update", subject_id=subtask.pk) == expected
