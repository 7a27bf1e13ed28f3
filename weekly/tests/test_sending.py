"""The initiating department rolls up each week and sends it to every head (R17)."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from conftest import at
from coordination.errors import NotAllowed, StageChanged
from deadlines.models import Notice
from deadlines.terms import Terms
from tasks.services import closing
from tasks.services.drafting import ReasonMissing
from weekly.models import Reading, WeeklyReport, WeeklySync
from weekly.report import read
from weekly.services import issuing
from weekly.weeks import weeks_of_task, weeks_to_send

FIRST = dt.date(2024, 9, 30)
SECOND = dt.date(2024, 10, 7)
THIRD = dt.date(2024, 10, 14)


def test_the_roll_up_is_kept_as_sent_and_every_head_is_told(send, running, cast):
    report = send("10-14", "10-21 10:00")
    content = read(report.content)
    assert (content.week, content.summary) == (THIRD, "渠道按计划推进")
    assert {need.subtask_name for need in content.needs} == {"市场调研", "产品培训", "渠道铺设"}
    event = Event.objects.of_task(running.pk).get(action="weekly_sync.sent")
    told = {n.recipient for n in Notice.objects.filter(event=event)}
    assert told == {cast.sales_head, cast.research_head}


@pytest.mark.parametrize(
    ("when", "late"),
    [
        ("10-21 11:59:59", None),
        ("10-21 12:00:00", None),
        ("10-21 12:00:01", dt.timedelta(seconds=1)),
        ("10-23 12:00:00", dt.timedelta(days=2)),
    ],
)
def test_whatever_is_sent_after_monday_noon_stays_late(send, when, late):
    assert send("10-14", when).sync.late_by == late


def test_any_day_of_the_week_stands_for_the_week(send):
    assert send("10-20", "10-21 10:00").sync.week == THIRD


def test_a_week_is_sent_from_its_friday_on(send):
    with pytest.raises(issuing.WeekInFuture):
        send("10-14", "10-13 23:59")
    with pytest.raises(issuing.TooEarly, match="18 Oct 2024"):
        send("10-14", "10-17 23:59:59")
    assert send("10-14", "10-18 00:00").sync.late_by is None


def test_where_friday_is_off_the_last_working_day_before_it_is_the_first_to_send(send):
    """In the week of the National Day of 2024 only Monday is a working day."""
    assert send("09-30", "09-30 09:00").sync.week == FIRST


def test_a_week_before_the_work_began_owes_nothing(send):
    with pytest.raises(issuing.NotAtWork):
        send("09-23", "10-21 10:00")


def test_a_week_is_sent_once_by_whoever_has_it_before_their_eyes_first(send):
    """Two people open the page; the second has not seen what the first has sent."""
    send("10-14", "10-21 10:00", seen=0)
    with pytest.raises(issuing.AlreadySent):
        send("10-14", "10-21 10:05", seen=0, summary="再发一次")
    assert WeeklyReport.objects.count() == 1


def test_what_was_sent_is_corrected_by_a_version_that_says_why(send):
    first = send("10-14", "10-21 10:00")
    with pytest.raises(ReasonMissing):
        send("10-14", "10-21 14:00", seen=1, summary="销售额更正")
    second = send("10-14", "10-21 14:00", seen=1, summary="销售额更正", reason="数字有误")
    assert (second.number, second.occasion, second.reason) == (2, "corrected", "数字有误")
    first.refresh_from_db()
    assert read(first.content).summary == "渠道按计划推进"
    assert second.sync.late_by is None  # It was sent in time, once.


def test_the_database_keeps_one_row_for_a_week_and_weeks_begin_on_monday(send, running):
    send("10-14", "10-21 10:00")
    for week in (THIRD, THIRD + dt.timedelta(days=1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            WeeklySync.objects.create(task=running, week=week)


def test_a_roll_up_says_something(send):
    with pytest.raises(issuing.SummaryMissing):
        send("10-14", "10-21 10:00", summary="  ")


def test_the_roll_up_names_every_lagging_subtask_with_its_addressee(send, report, running, cast):
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    subtask = running.subtasks.get(name="渠道铺设")
    others = running.subtasks.exclude(pk=subtask.pk)
    rest = [{"subtask": s.pk, "what": "人手", "department": cast.sales.pk} for s in others]
    with pytest.raises(issuing.LaggingNotNamed, match="渠道铺设"):
        send("10-14", "10-21 10:00", needs=rest)
    for wrong in (
        {"what": " "},
        {"department": None},
        {"department": cast.finance.pk},
        {"subtask": 0},
    ):
        need = {"subtask": subtask.pk, "what": "交付海报", "department": cast.market.pk} | wrong
        with pytest.raises(issuing.AddresseeMissing):
            send("10-14", "10-21 10:00", needs=[*rest, need])


def test_only_the_initiating_side_sends(send, cast):
    for person in (cast.sales_head, cast.market_staff, cast.director):
        with pytest.raises(NotAllowed):
            send("10-14", "10-21 10:00", by=person)


def test_before_the_confirmation_there_is_nothing_to_send(assigning, cast):
    with pytest.raises(StageChanged):
        issuing.send_weekly_sync(
            task=assigning, week=THIRD, by=cast.market_head, now=at("2024-10-21"), summary="x"
        )
    assert weeks_to_send(assigning, Terms.current(at("2024-10-21 10:00"))) == []


def test_every_week_of_work_that_was_not_sent_is_missing(send, running):
    assert weeks_to_send(running, Terms.current(at("2024-09-29 23:59"))) == []
    assert weeks_to_send(running, Terms.current(at("2024-09-30 00:00"))) == [FIRST]
    send("10-07", "10-14 10:00")
    assert weeks_to_send(running, Terms.current(at("2024-10-20 23:59"))) == [FIRST, THIRD]


def test_the_week_in_which_the_work_ended_is_the_last_and_may_be_sent_at_once(send, running, cast):
    task = closing.finish_task(task=running, by=cast.market_head, now=at("2024-10-09 17:00"))
    later = at("2024-11-20 09:00")
    assert weeks_of_task(task, Terms.current(later)) == [FIRST, SECOND]
    with pytest.raises(issuing.NotAtWork):
        send("10-14", "10-21 10:00")
    assert send("10-07", "10-09 18:00").sync.late_by is None
    task = closing.resume_task(task=task, by=cast.market_head, now=later, reason="补做")
    assert weeks_of_task(task, Terms.current(later))[-1] == dt.date(2024, 11, 18)


def test_work_that_starts_after_the_confirmation_owes_from_its_start(running):
    running.start_date = dt.date(2024, 10, 16)
    assert weeks_of_task(running, Terms.current(at("2024-10-21 00:00"))) == [
        THIRD,
        dt.date(2024, 10, 21),
    ]


def test_a_head_confirms_having_read_it_once(send, cast):
    report = send("10-14", "10-21 10:00")
    readings = Reading.objects.filter(report=report)
    assert {reading.reader for reading in readings} == {cast.sales_head, cast.research_head}
    reading = readings.get(reader=cast.sales_head)
    with pytest.raises(NotAllowed):
        issuing.confirm_reading(reading=reading, by=cast.research_head, now=at("2024-10-21 13:00"))
    for moment in ("13:00", "14:00"):
        issuing.confirm_reading(reading=reading, by=cast.sales_head, now=at(f"2024-10-21 {moment}"))
    reading.refresh_from_db()
    assert reading.read_at == at("2024-10-21 13:00")
    assert Event.objects.filter(action="weekly_report.read").count() == 1
