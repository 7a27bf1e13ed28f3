"""The stage bar says what is open where the task stands."""

import datetime as dt

from django.utils.translation import override

from communications.services.scheduling import schedule_communication, we_talked
from conftest import at
from coordination.stage_bar import steps
from issues.services.recording import record_issue
from tasks.services.assignment import cancel_subtask, finish_subtask


def notes(task):
    with override("en"):
        return {step.number: step.note for step in steps(task) if step.note}


def test_work_under_way_counts_subtasks_logs_and_issues_in_one_statement(
    running, cast, django_assert_num_queries
):
    now = at("2024-10-14 10:00")
    done, taken_back, _open = running.subtasks.all()
    finish_subtask(subtask=done, by=done.owner, now=now)
    cancel_subtask(subtask=taken_back, by=cast.research_head, now=now, reason="不做了")
    for _number in range(2):
        we_talked(task=running, by=cast.sales_head, now=now, topic="电话")
    schedule_communication(
        task=running,
        by=cast.sales_head,
        now=now,
        topic="例会",
        starts_at=at("2099-10-05 14:00"),
        ends_at=at("2099-10-05 15:00"),
    )
    record_issue(
        task=running,
        by=cast.market_staff,
        now=now,
        description="宣传物料未按时交付",
        cause="产能不足",
        occurred_at=now,
        department=cast.market,
        owner=cast.market_staff,
        needs_other_departments=False,
        affects_finish=False,
        next_date=dt.date(2024, 10, 20),
    )
    with django_assert_num_queries(1):
        assert notes(running) == {3: "1 of 2 subtasks done · 2 logs open", 4: "1 open"}


def test_where_nothing_is_open_it_says_so(running):
    assert notes(running) == {3: "0 of 3 subtasks done", 4: "None open"}
