"""A cross-department issue goes to the head and the senior managers within 24 hours (R20)."""

import datetime as dt

import pytest

from accounts.models import Department
from audit.models import Event
from conftest import at
from coordination.errors import NotAllowed, StageChanged
from deadlines.models import Notice
from issues.services import recording, solving
from issues.services.reporting import report_issue
from issues.tests.conftest import CHECKED, OCCURRED, RECORDED, answer, fresh, record, solve

DAY = dt.timedelta(hours=24)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("after", "late_by"), [(DAY - SECOND, None), (DAY, None), (DAY + SECOND, SECOND)]
)
def test_exactly_24_hours_is_in_time_and_a_second_more_is_late(cast, issue, after, late_by):
    reported = report_issue(issue=issue, by=cast.market_staff, now=OCCURRED + after)
    assert reported.reported_at == OCCURRED + after
    assert reported.reported_late_by == late_by


def test_the_head_and_the_senior_manager_are_told_once_each(cast, running):
    issue = record(cast, running, by=cast.sales_staff)
    report_issue(issue=issue, by=cast.sales_staff, now=RECORDED)
    event = Event.objects.about(issue).first()
    told = {n.recipient for n in Notice.objects.filter(event=event)}
    assert told == {cast.market_head, cast.director}
    assert event.changes["reported_to"] == [[], ["经理D", "总监A"]]


def test_recording_can_report_in_the_same_breath(cast, running):
    issue = record(cast, running, report=True)
    assert fresh(issue).reported_at == RECORDED
    general = record(cast, running, needs_other_departments=False, report=True)
    assert fresh(general).reported_at is None


def test_a_late_report_stays_late_whatever_happens_afterwards(cast, issue):
    report_issue(issue=issue, by=cast.market_staff, now=OCCURRED + 2 * DAY)
    recording.grade_issue(
        issue=issue,
        by=cast.market_staff,
        now=CHECKED,
        version=fresh(issue).version,
        needs_other_departments=False,
        affects_finish=False,
        reason="部门内可解决",
    )
    answer(cast, solve(cast, issue))
    solving.close_issue(issue=issue, by=cast.market_head, now=CHECKED)
    assert fresh(issue).reported_late_by == DAY


def test_nothing_is_reported_twice_and_a_general_issue_not_at_all(cast, running, issue):
    report_issue(issue=issue, by=cast.market_staff, now=RECORDED)
    with pytest.raises(StageChanged):
        report_issue(issue=issue, by=cast.market_staff, now=CHECKED)
    general = record(cast, running, needs_other_departments=False)
    with pytest.raises(StageChanged):
        report_issue(issue=general, by=cast.market_staff, now=CHECKED)
    assert Event.objects.filter(action="issue.reported").count() == 1


def test_a_forgotten_report_is_made_up_for_after_closing(cast, answered):
    solving.close_issue(issue=answered, by=cast.market_head, now=CHECKED)
    reported = report_issue(issue=answered, by=cast.market_head, now=at("2024-10-15 09:00"))
    assert reported.reported_late_by == DAY


def test_a_bystander_does_not_report(cast, issue):
    with pytest.raises(NotAllowed):
        report_issue(issue=issue, by=cast.sales_staff, now=RECORDED)


def test_a_department_without_head_or_manager_above_is_reported_all_the_same(cast, issue):
    Department.objects.filter(pk=cast.market.pk).update(head=None, parent=None)
    assert report_issue(issue=issue, by=cast.market_staff, now=RECORDED).reported_at == RECORDED
