"""Each owner says every week how far the subtask is; a deviation needs a cause (R16)."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from conftest import at
from coordination.errors import EditedMeanwhile, StageChanged
from tasks.models import ProgressUpdate
from tasks.services import assignment, support
from weekly.models import WeeklySync
from weekly.services import progress

SECOND = dt.date(2024, 10, 7)


def test_the_plan_gives_what_was_planned(report):
    """15 days from 1 October: 6 of them by the first Sunday, 13 by the second."""
    assert report("渠道铺设", 40, "10-04 17:00").planned == 40
    assert report("渠道铺设", 87, "10-11 17:00").planned == 87


@pytest.mark.parametrize("actual", [82, 87, 92])
def test_within_the_tolerance_nothing_is_asked(report, actual):
    assert report("渠道铺设", actual, "10-11 17:00").reason == ""


@pytest.mark.parametrize("actual", [81, 93])
def test_beyond_it_behind_or_ahead_a_cause_and_a_sentence_are_asked(report, actual):
    for said in ({}, {"cause": "outside"}, {"reason": "门店装修"}):
        with pytest.raises(progress.DeviationWithoutReason):
            report("渠道铺设", actual, "10-11 17:00", **said)
    update = report("渠道铺设", actual, "10-11 17:00", cause="outside", reason="门店装修")
    with pytest.raises(IntegrityError), transaction.atomic():
        ProgressUpdate.objects.filter(pk=update.pk).update(reason="")


def test_progress_that_falls_says_why(report):
    report("渠道铺设", 44, "10-04 17:00")
    with pytest.raises(progress.DeviationWithoutReason):
        report("渠道铺设", 40, "10-11 17:00")
    report("渠道铺设", 90, "10-11 17:00")
    report("渠道铺设", 100, "10-18 17:00")
    with pytest.raises(progress.FallsWithoutReason):
        report("渠道铺设", 96, "10-25 17:00")
    assert report("渠道铺设", 96, "10-25 17:00", cause="quality", reason="返工").actual == 96


def test_percents_outside_0_and_100_are_refused(report):
    for actual in (-1, 101):
        with pytest.raises(progress.NotAPercent):
            report("渠道铺设", actual, "10-11 17:00", cause="other", reason="x")
    with pytest.raises(progress.UnknownCause):
        report("渠道铺设", 10, "10-11 17:00", cause="mood", reason="x")


def test_weeks_before_the_work_and_weeks_to_come_are_refused(report):
    with pytest.raises(progress.WeekInFuture):
        report("渠道铺设", 60, "10-11 17:00", week=dt.date(2024, 10, 14))
    with pytest.raises(progress.WeekTooEarly):
        report("渠道铺设", 0, "10-11 17:00", week=dt.date(2024, 9, 16))


def test_a_second_report_corrects_the_first_and_only_of_whoever_has_seen_it(report):
    first = report("渠道铺设", 87, "10-11 17:00")
    with pytest.raises(EditedMeanwhile):
        report("渠道铺设", 88, "10-11 17:05")
    assert report("渠道铺设", 88, "10-11 17:05", version=first.version).actual == 88


def test_once_the_report_is_out_a_correction_says_why_and_makes_the_next_version(report, send):
    first = report("渠道铺设", 87, "10-11 17:00")
    send("10-07", "10-14 13:00")
    said = {"week": SECOND, "version": first.version}
    with pytest.raises(progress.CorrectionWithoutReason):
        report("渠道铺设", 85, "10-15 09:00", **said)
    report("渠道铺设", 85, "10-15 09:00", correction="漏报一家门店", **said)
    assert WeeklySync.objects.get(week=SECOND).issue_at == at("2024-10-15 09:30")


def test_a_promise_that_was_not_kept_is_a_cause_and_a_sentence(running, report, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    asked = {"subtask": subtask, "department": cast.market, "by": cast.sales_head}
    request = support.ask_support(
        **asked, what="海报设计稿", needed_by=dt.date(2024, 10, 8), now=at("2024-10-02 09:00")
    )
    support.answer_support(
        request=request, answer="accepted", by=cast.market_head, now=at("2024-10-02 10:00")
    )
    assert progress.broken_promises(subtask, dt.date(2024, 10, 8)) == []
    assert progress.broken_promises(subtask, dt.date(2024, 10, 9)) == [request]
    request.refresh_from_db()
    update = report("渠道铺设", 60, "10-11 17:00", waits_for=request)
    assert update.cause == "waiting"
    assert update.reason == "Waiting for 市场部: 海报设计稿, promised for 8 Oct 2024."
    other = running.subtasks.get(name="市场调研")
    with pytest.raises(progress.NotAwaited):
        progress.report_progress(
            subtask=other, actual=10, by=other.owner, now=at("2024-10-11"), waits_for=request
        )


def test_a_finished_subtask_takes_no_report(running, report, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=at("2024-10-09 09:00"))
    with pytest.raises(StageChanged):
        report("渠道铺设", 100, "10-11 17:00")
