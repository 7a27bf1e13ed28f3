"""The responsible person records an issue at once (R19); two questions grade it (R20)."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from audit.models import Event
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from deadlines.models import Notice
from issues.models import Issue
from issues.policies import grade_of
from issues.services import recording, shared
from issues.services.recording import InFuture
from issues.tests.conftest import CAUSE, DESCRIPTION, OCCURRED, RECORDED, TRIED, fresh, record
from tasks.models import Subtask, Task
from tasks.services import assignment, drafting
from tasks.services.initiation import NotInDepartment


@pytest.mark.parametrize(
    ("needs_others", "affects_finish", "grade"),
    [
        (False, False, "general"),
        (True, False, "cross"),
        (False, True, "cross"),
        (True, True, "cross"),
    ],
)
def test_one_yes_makes_it_a_matter_between_departments(
    cast, running, needs_others, affects_finish, grade
):
    assert grade_of(needs_other_departments=needs_others, affects_finish=affects_finish) == grade
    answers = {"needs_other_departments": needs_others, "affects_finish": affects_finish}
    assert record(cast, running, **answers).grade == grade


def test_the_worked_example_is_recorded_with_both_times(cast, issue):
    assert (issue.description, issue.cause) == (DESCRIPTION, CAUSE)
    assert (issue.occurred_at, issue.recorded_at) == (OCCURRED, RECORDED)
    assert issue.recorded_by == cast.market_staff
    assert [a.description for a in issue.attempts.all()] == [TRIED]
    assert (issue.state, issue.next_date) == ("open", dt.date(2024, 10, 14))
    assert Event.objects.about(issue).get().action == "issue.recorded"


def test_the_owner_the_initiator_and_the_head_are_told_but_not_the_one_who_wrote(cast, running):
    record(
        cast, running, by=cast.sales_staff, department=cast.research, owner=cast.research_contact
    )
    told = Notice.objects.filter(event__action="issue.recorded")
    expected = {cast.research_contact, cast.market_head, cast.research_head}
    assert {notice.recipient for notice in told} == expected


def test_an_owner_sees_the_task_from_now_on(cast, running):
    record(cast, running)
    assert running.members.filter(user=cast.market_staff).exists()


def test_nothing_is_recorded_before_it_occurs(cast, running):
    assert record(cast, running, occurred_at=RECORDED).pk
    with pytest.raises(InFuture):
        record(cast, running, occurred_at=RECORDED + dt.timedelta(seconds=1))


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("description", "  ", shared.WordsMissing),
        ("cause", "", shared.WordsMissing),
        ("next_date", None, shared.NextDateMissing),
        ("next_date", dt.date(2024, 10, 12), shared.BeforeItOccurred),
        ("owner", None, shared.NobodyResponsible),
        ("department", None, shared.WordsMissing),
    ],
)
def test_the_service_refuses_what_is_missing_at_its_field(cast, running, field, value, error):
    with pytest.raises(error) as refusal:
        record(cast, running, **{field: value})
    assert refusal.value.field == field
    assert not Issue.objects.exists()


def test_the_owner_belongs_to_a_department_of_the_task(cast, running):
    with pytest.raises(NotInDepartment):
        record(cast, running, owner=cast.sales_staff)
    with pytest.raises(assignment.NotInvolved):
        record(cast, running, department=cast.finance, owner=cast.outsider)


def test_a_subtask_of_another_task_is_refused(cast, running, issue):
    stranger = Subtask(task_id=running.pk + 1)
    with pytest.raises(assignment.OtherTask):
        record(cast, running, subtask=stranger)


def test_who_takes_no_part_records_nothing(cast, running):
    with pytest.raises(NotAllowed):
        record(cast, running, by=cast.outsider)


@pytest.mark.parametrize("stage", ["consultation", "assignment", "archived", "cancelled"])
@pytest.mark.out_of_step
def test_only_running_work_has_issues(cast, running, stage):
    Task.objects.filter(pk=running.pk).update(stage=stage)
    with pytest.raises(StageChanged):
        record(cast, running)


def test_an_edit_says_why_and_keeps_old_and_new(cast, issue):
    recording.edit_issue(
        issue=issue,
        by=cast.market_head,
        now=RECORDED,
        version=issue.version,
        reason="原因已查明",
        cause="供应商产能不足",
        owner=cast.market_head,
    )
    event = Event.objects.about(issue).first()
    assert event.changes["cause"] == [CAUSE, "供应商产能不足"]
    assert event.reason == "原因已查明"
    told = {n.recipient for n in Notice.objects.filter(event=event)}
    assert told == {cast.market_staff}


def test_an_edit_without_a_reason_is_refused(cast, issue):
    with pytest.raises(drafting.ReasonMissing):
        recording.edit_issue(
            issue=issue, by=cast.market_head, now=RECORDED, version=1, reason=" ", cause="甲"
        )


def test_a_stale_edit_is_told_and_overwrites_nothing(cast, issue):
    def change(cause, version):
        return recording.edit_issue(
            issue=issue,
            by=cast.market_head,
            now=RECORDED,
            version=version,
            reason="改",
            cause=cause,
        )

    change("甲", 1)
    with pytest.raises(EditedMeanwhile) as refusal:
        change("乙", 1)
    assert fresh(issue).cause == "甲"
    assert refusal.value.events[0].changes["cause"] == [CAUSE, "甲"]


def test_grading_again_says_why_and_starts_or_ends_the_duty_to_report(cast, running):
    issue = record(cast, running, needs_other_departments=False)
    assert not issue.must_report
    issue = recording.grade_issue(
        issue=issue,
        by=cast.market_staff,
        now=RECORDED,
        version=issue.version,
        needs_other_departments=False,
        affects_finish=True,
        reason="影响上市日期",
    )
    assert (issue.grade, issue.must_report) == ("cross", True)
    assert issue.report_due == OCCURRED + dt.timedelta(hours=24)
    assert Event.objects.about(issue).first().changes["grade"] == ["general", "cross"]


def test_what_else_was_tried_is_added_and_stands_in_the_history(cast, issue):
    recording.add_attempt(issue=issue, by=cast.market_head, now=RECORDED, description="换供应商")
    assert [a.description for a in issue.attempts.all()] == [TRIED, "换供应商"]
    assert Event.objects.about(issue).first().changes == {"attempts": ["", "换供应商"]}
    with pytest.raises(shared.WordsMissing):
        recording.add_attempt(issue=issue, by=cast.market_head, now=RECORDED, description="  ")


@pytest.mark.django_db(transaction=True)
def test_twelve_people_recording_at_once_get_numbers_without_a_gap(cast, running):
    def one(number):
        try:
            return record(cast, running, description=f"问题{number}").position
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as people:
        positions = list(people.map(one, range(12)))
    assert sorted(positions) == list(range(1, 13))
