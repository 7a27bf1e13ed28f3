"""The initiating department rolls up each week and sends it to every head (R17)."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from conftest import at
from coordination.errors import NotAllowed, StageChanged
from deadlines.models import Notice
from deadlines.terms import Terms
from tasks.models import WeeklySync
from tasks.services import closing, progress, weekly
from tasks.weeks import weeks_of_task, weeks_to_send

FIRST = dt.date(2024, 9, 30)
SECOND = dt.date(2024, 10, 7)
THIRD = dt.date(2024, 10, 14)


def send(task, by, week=THIRD, when="2024-10-21 10:00", summary="渠道按计划推进", resources=""):
    return weekly.send_weekly_sync(
        task=task, week=week, by=by, now=at(when), summary=summary, resources=resources
    )


def test_the_roll_up_is_kept_as_sent_and_every_head_is_told(running, cast):
    sync = send(running, cast.market_head)
    assert (sync.week, sync.summary, sync.sent_by) == (THIRD, "渠道按计划推进", cast.market_head)
    event = Event.objects.of_task(running.pk).get(action="weekly_sync.sent")
    told = {n.recipient for n in Notice.objects.filter(event=event)}
    assert told == {cast.sales_head, cast.research_head}


@pytest.mark.parametrize(
    ("when", "late"),
    [
        ("2024-10-21 11:59:59", None),
        ("2024-10-21 12:00:00", None),
        ("2024-10-21 12:00:01", dt.timedelta(seconds=1)),
        ("2024-10-23 12:00:00", dt.timedelta(days=2)),
    ],
)
def test_whatever_is_sent_after_monday_noon_stays_late(running, cast, when, late):
    assert send(running, cast.market_head, when=when).late_by == late


def test_any_day_of_the_week_stands_for_the_week(running, cast):
    assert send(running, cast.market_head, week=dt.date(2024, 10, 20)).week == THIRD


def test_a_week_may_be_sent_before_it_is_over_but_not_before_it_begins(running, cast):
    with pytest.raises(weekly.WeekInFuture):
        send(running, cast.market_head, when="2024-10-13 23:59")
    assert send(running, cast.market_head, when="2024-10-14 00:00").late_by is None


def test_a_week_before_the_work_began_owes_nothing(running, cast):
    with pytest.raises(weekly.NotAtWork):
        send(running, cast.market_head, week=dt.date(2024, 9, 23))


def test_a_week_is_sent_once(running, cast):
    send(running, cast.market_head)
    with pytest.raises(weekly.AlreadySent):
        send(running, cast.market_head, summary="再发一次")
    assert WeeklySync.objects.get().summary == "渠道按计划推进"


def test_the_database_keeps_one_roll_up_for_a_week_and_weeks_begin_on_monday(running, cast):
    send(running, cast.market_head)
    for week in (THIRD, THIRD + dt.timedelta(days=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            WeeklySync.objects.create(
                task=running,
                week=week,
                summary="x",
                sent_by=cast.market_head,
                sent_at=at("2024-10-21"),
            )


def test_a_roll_up_says_something(running, cast):
    with pytest.raises(weekly.SummaryMissing):
        send(running, cast.market_head, summary="  ")


def test_the_roll_up_names_every_lagging_subtask(running, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    progress.report_progress(
        subtask=subtask, planned=80, actual=60, reason="海报晚到",
        by=cast.sales_staff, now=at("2024-10-18 17:00"),
    )  # fmt: skip
    with pytest.raises(weekly.LaggingNotNamed, match="渠道铺设"):
        send(running, cast.market_head, resources="请各部门支持")
    for unfilled in (weekly.opening_line(subtask), f"\n{weekly.opening_line(subtask)}\n\n"):
        with pytest.raises(weekly.LaggingNotNamed, match="渠道铺设"):
            send(running, cast.market_head, resources=unfilled)
    send(running, cast.market_head, resources=f"{weekly.opening_line(subtask)}\n市场部交付海报")
    assert WeeklySync.objects.get().resources_needed.endswith("市场部交付海报")


def test_only_the_initiating_side_sends(running, cast):
    for person in (cast.sales_head, cast.market_staff, cast.director):
        with pytest.raises(NotAllowed):
            send(running, person)


def test_before_the_confirmation_there_is_nothing_to_send(assigning, cast):
    with pytest.raises(StageChanged):
        send(assigning, cast.market_head)
    assert weeks_to_send(assigning, Terms.current(at("2024-10-21 10:00"))) == []


def test_every_week_of_work_that_was_not_sent_is_missing(running, cast):
    assert weeks_to_send(running, Terms.current(at("2024-09-29 23:59"))) == []
    assert weeks_to_send(running, Terms.current(at("2024-09-30 00:00"))) == [FIRST]
    send(running, cast.market_head, week=SECOND, when="2024-10-14 10:00")
    assert weeks_to_send(running, Terms.current(at("2024-10-20 23:59"))) == [FIRST, THIRD]


def test_the_week_in_which_the_work_ended_is_the_last(running, cast):
    task = closing.finish_task(task=running, by=cast.market_head, now=at("2024-10-09 17:00"))
    later = at("2024-11-20 09:00")
    assert weeks_of_task(task, Terms.current(later)) == [FIRST, SECOND]
    with pytest.raises(weekly.NotAtWork):
        send(task, cast.market_head, when="2024-10-21 10:00")
    assert send(task, cast.market_head, week=SECOND, when="2024-10-14 12:00").late_by is None
    task = closing.resume_task(task=task, by=cast.market_head, now=later, reason="补做")
    assert weeks_of_task(task, Terms.current(later))[-1] == dt.date(2024, 11, 18)


def test_work_that_starts_after_the_confirmation_owes_from_its_start(running):
    running.start_date = dt.date(2024, 10, 16)
    assert weeks_of_task(running, Terms.current(at("2024-10-21 00:00"))) == [
        THIRD,
        dt.date(2024, 10, 21),
    ]
