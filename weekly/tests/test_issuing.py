"""At noon on Monday the week's report goes out, sent or not; late input makes the next version."""

import datetime as dt

import pytest

from conftest import at
from deadlines.models import CalendarDay, Deadline, Message, Notice
from tasks.services import assignment, closing
from weekly.models import WeeklyReport, WeeklySync
from weekly.report import read
from weekly.services.issuing import issue_due
from weekly.services.weeks import open_weeks

FIRST, THIRD = dt.date(2024, 9, 30), dt.date(2024, 10, 14)


def rows(report):
    return {row.name: row for row in read(report.content).rows}


def test_at_noon_the_report_goes_out_and_names_who_did_not_report(running, report, cast):
    open_weeks(at("2024-10-14 00:00"))
    report("渠道铺设", 98, "10-18 17:00")
    WeeklySync.objects.filter(week__lt=THIRD).update(issue_at=None)
    assert issue_due(at("2024-10-21 11:59:59")) == 0
    assert issue_due(at("2024-10-21 12:00")) == 1
    assert issue_due(at("2024-10-21 12:01")) == 0
    issued = WeeklyReport.objects.get()
    assert (issued.occasion, issued.issued_by, issued.number) == ("noon", None, 1)
    found = rows(issued)
    assert (found["渠道铺设"].actual, found["渠道铺设"].is_awaited) == (98, False)
    assert (found["产品培训"].actual, found["产品培训"].is_awaited) == (None, True)
    told = {notice.recipient for notice in Notice.objects.filter(event__action="weekly_sync.noon")}
    assert told == {cast.market_head, cast.sales_head, cast.research_head}


def test_what_was_issued_without_the_initiator_is_still_owed(running, cast, send):
    open_weeks(at("2024-10-14 00:00"))
    issue_due(at("2024-10-21 12:00"))
    owed = Deadline.objects.open().filter(kind="weekly_sync", period=THIRD.isoformat())
    assert owed.get().owner == cast.market_head
    version = send("10-14", "10-21 15:00", seen=1)
    assert (version.number, version.occasion) == (2, "sent")
    assert version.sync.late_by == dt.timedelta(hours=3)
    assert not owed.exists()


def test_late_input_goes_out_together_half_an_hour_after_the_first(running, report, send):
    send("10-14", "10-21 10:00")
    assert issue_due(at("2024-10-21 12:00")) == 0
    report("渠道铺设", 98, "10-21 14:00", week=THIRD)
    report("市场调研", 100, "10-21 14:20", week=THIRD)
    assert issue_due(at("2024-10-21 14:29:59")) == 0
    assert issue_due(at("2024-10-21 14:30")) == 1
    second = WeeklyReport.objects.get(number=2)
    assert (second.occasion, read(second.content).summary) == ("late_input", "渠道按计划推进")
    assert rows(second)["渠道铺设"].actual == 98
    first = WeeklyReport.objects.get(number=1)
    assert rows(first)["渠道铺设"].is_awaited


def test_what_is_reported_between_friday_and_noon_makes_a_version_at_noon(running, report, send):
    send("10-14", "10-18 16:00")
    assert issue_due(at("2024-10-18 17:00")) == 0
    report("渠道铺设", 98, "10-20 20:00")
    WeeklySync.objects.filter(week__lt=THIRD).update(issue_at=None)
    assert issue_due(at("2024-10-21 12:00")) == 1
    assert WeeklyReport.objects.get(number=2).occasion == "late_input"


def test_nothing_new_is_no_version(running, send):
    send("10-14", "10-18 16:00")
    WeeklySync.objects.filter(week__lt=THIRD).update(issue_at=None)
    assert issue_due(at("2024-10-21 12:00")) == 0
    assert WeeklyReport.objects.count() == 1
    assert not WeeklySync.objects.filter(issue_at__isnull=False).exists()


def test_each_report_is_a_mail_of_its_own_that_cannot_be_switched_off(running, cast):
    type(cast.sales_head).objects.update(mail_changes=False)
    open_weeks(at("2024-10-14 00:00"))
    assert issue_due(at("2024-10-21 12:00")) == 3
    mails = Message.objects.filter(recipient=cast.sales_head, stands_alone=True)
    assert mails.count() == 3
    assert all(mail.notices.get().required for mail in mails)


@pytest.mark.out_of_step
def test_noon_moves_with_the_calendar(running, cast):
    open_weeks(at("2024-10-14 00:00"))
    assert WeeklySync.objects.get(week=FIRST).issue_at == at("2024-10-08 12:00")
    CalendarDay.objects.create(date=dt.date(2024, 10, 21), is_working=False, name="停电")
    open_weeks(at("2024-10-15 10:00"))
    assert WeeklySync.objects.get(week=THIRD).issue_at == at("2024-10-22 12:00")


def test_the_last_week_of_finished_work_is_issued_and_none_after_the_end(running, cast):
    open_weeks(at("2024-10-14 00:00"))
    task = closing.finish_task(task=running, by=cast.market_head, now=at("2024-10-16 17:00"))
    assert issue_due(at("2024-10-21 12:00")) == 3
    type(task).objects.update(stage="cancelled")
    WeeklySync.objects.update(issue_at=at("2024-10-22 12:00"))
    assert issue_due(at("2024-10-22 12:00")) == 0
    assert not WeeklySync.objects.filter(issue_at__isnull=False).exists()
    type(task).objects.update(stage="review")


def test_weeks_missed_while_nothing_ran_are_issued_once_but_none_older_than_two_weeks(running):
    assert open_weeks(at("2024-10-30 09:00")) == 1
    assert issue_due(at("2024-10-30 09:01")) == 2
    assert issue_due(at("2024-10-30 09:02")) == 0


def test_last_years_report_opens_with_last_years_figures(running, report, send):
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    issued = send("10-14", "10-21 10:00")
    before = read(issued.content)
    subtask = running.subtasks.get(name="渠道铺设")
    assignment.edit_subtask(
        subtask=subtask, by=subtask.department.head, now=at("2024-10-22 09:00"), version=1,
        reason="改名", name="渠道铺设二期", due_date=dt.date(2024, 12, 31),
    )  # fmt: skip
    issued.refresh_from_db()
    assert read(issued.content) == before
    assert rows(issued)["渠道铺设"].due == dt.date(2024, 10, 15)
