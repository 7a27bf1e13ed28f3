"""A task is read once, whole, in the same number of statements whatever its size."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Organisation
from communications.models import ActionItem, Communication, Participant
from conftest import at
from issues.models import Attempt, Issue, Measure, Solution
from records.build import build, with_everything
from records.canonical import canonical
from records.record import Person, from_plain
from reviews.models import Lesson, Review, TargetResult
from tasks.models import ProgressUpdate, Resource, Risk, Subtask, SupportRequest, Target, Task

pytestmark = pytest.mark.out_of_step  # Rows of every kind, straight into the database.

DAY = dt.date(2024, 10, 15)
MONDAY = dt.date(2024, 9, 30)
NOW = at("2024-10-05 14:00")


def grow(task, cast, numbers):
    """A subtask, a communication and an issue more for each number, with all that hangs on them."""
    for number in numbers:
        Target.objects.create(task=task, position=9, metric=f"指标{number}")
        Resource.objects.create(task=task, position=9, kind="people", description="两人")
        Risk.objects.create(task=task, position=9, description="风险")
        _subtask(task, cast, number)
        _communication(task, cast, number)
        _issue(task, cast, number)


def _subtask(task, cast, number):
    subtask = Subtask.objects.create(
        task=task,
        work_item=task.work_items.first(),
        department=cast.sales,
        name=f"子任务{number}",
        goal="目标",
        owner=cast.sales_staff,
        start_date=MONDAY,
        due_date=DAY,
    )
    subtask.helpers.set([cast.sales_head])
    SupportRequest.objects.create(
        subtask=subtask, department=cast.market, what="海报", needed_by=DAY, asked_at=NOW
    )
    for week, actual in ((0, 10), (7, 20)):
        ProgressUpdate.objects.create(
            subtask=subtask,
            week=MONDAY + dt.timedelta(days=week),
            planned=30,
            actual=actual,
            cause="other",
            reason=f"第{week}天",
            reported_by=cast.sales_staff,
            reported_at=NOW,
        )


def _communication(task, cast, number):
    talk = Communication.objects.create(
        task=task,
        topic=f"主题{number}",
        starts_at=NOW + dt.timedelta(days=number),
        ends_at=NOW + dt.timedelta(days=number, hours=1),
        state="logged",
        opened_by=cast.market_head,
        keeper=cast.market_head,
        conclusions="结论",
        recorder=cast.market_staff,
        recorded_at=NOW + dt.timedelta(days=number + 3),
        late_by=dt.timedelta(hours=2, microseconds=4),
    )
    Participant.objects.create(
        communication=talk, position=2, department_name="研发部", name="工程师F"
    )
    Participant.objects.create(
        communication=talk, position=1, department_name="供应商", name="老王"
    )
    ActionItem.objects.create(
        task=task,
        communication=talk,
        position=1,
        what="待办",
        owner=cast.research_contact,
        due_date=DAY,
    )


def _issue(task, cast, number):
    issue = Issue.objects.create(
        task=task,
        position=number + 1,
        description="物料未交付",
        cause="产能不足",
        occurred_at=NOW,
        recorded_at=NOW,
        recorded_by=cast.sales_staff,
        department=cast.market,
        owner=cast.market_staff,
        grade="general",
        next_date=DAY,
    )
    Attempt.objects.create(issue=issue, description="催过", at=NOW, by=cast.market_staff)
    solution = Solution.objects.create(
        issue=issue,
        round=1,
        department=cast.market,
        owner=cast.market_staff,
        due_date=DAY,
        decided_at=NOW,
        decided_by=cast.market_head,
    )
    Measure.objects.create(
        solution=solution, position=1, what="加急", owner=cast.market_staff, due_date=DAY
    )


def review(task, cast):
    written = Review.objects.create(task=task, written_by=cast.market_head, written_at=NOW)
    Lesson.objects.create(review=written, position=1, kind="improve", text="书面确认")
    Lesson.objects.create(review=written, position=1, kind="keep", text="每周同步")
    TargetResult.objects.create(
        review=written, target=task.targets.first(), number=Decimal("520.5"), reached="met"
    )


def statements(task):
    task = Task.objects.get(pk=task.pk)
    with CaptureQueriesContext(connection) as queries:
        build(task)
    return len(queries)


def test_the_number_of_statements_does_not_grow_with_the_task(running, cast):
    review(running, cast)
    grow(running, cast, range(3))
    at_three = statements(running)
    grow(running, cast, range(3, 30))
    assert statements(running) == at_three
    assert at_three <= 16


def test_a_task_loaded_for_its_record_costs_ten_statements_more(
    running, cast, django_assert_num_queries
):
    """Targets, texts, subtasks with progress, communications, issues, solutions, commitments,
    reminders, escalations, people."""
    review(running, cast)
    grow(running, cast, range(3))
    task = with_everything(Task.objects.all()).get(pk=running.pk)
    organisation = Organisation.current()
    with django_assert_num_queries(10):
        build(task, organisation=organisation)


@pytest.fixture
def record(running, cast):
    review(running, cast)
    grow(running, cast, range(2))
    return build(running, as_of=NOW)


def test_the_requirement_is_all_there(record):
    basics = record.basics
    assert (basics.number, basics.title) == ("2024-市场-001", "Q4新品上市推广项目")
    assert basics.initiator == Person("经理D", "市场部")
    assert basics.departments == ("市场部", "销售部", "研发部")
    assert basics.work_items == ("市场调研", "产品培训", "渠道铺设")
    assert (basics.targets[0].metric, basics.targets[0].number) == ("首月销售额", Decimal(500))
    assert (basics.resources[0].kind, basics.resources[0].description) == ("budget", "80万元")
    assert (basics.risks[0].description, basics.risks[0].response) == (
        "供应商产能不足",
        "备选两家供应商",
    )
    assert {c.answer for c in basics.consultations} == {"accepted"}


def test_a_subtask_shows_its_latest_progress_and_what_it_needs(record):
    subtask = next(s for s in record.assignment.subtasks if s.name == "子任务1")
    assert (subtask.planned, subtask.actual, subtask.reason) == (30, 20, "第7天")
    assert (subtask.owner, subtask.helpers) == (Person("专员C", "销售部"), ("主管G",))
    assert [(s.department, s.what) for s in subtask.support] == [("市场部", "海报")]
    unreported = next(s for s in record.assignment.subtasks if s.name == "产品培训")
    assert (unreported.planned, unreported.actual) == (None, None)
    assert len(record.assignment.progress) == 4


def test_a_communication_keeps_its_people_in_order_and_how_late_it_was(record):
    first, second = record.communications
    assert (first.topic, second.topic) == ("主题0", "主题1")
    assert first.participants == (Person("老王", "供应商"), Person("工程师F", "研发部"))
    assert first.late_seconds == 7200
    item = first.action_items[0]
    assert (item.owner, item.what, item.due_date) == (Person("工程师F", "研发部"), "待办", DAY)


def test_a_cancelled_meeting_never_took_place(running, cast):
    grow(running, cast, range(1))
    running.communications.update(state="cancelled", late_by=None, recorded_at=None, recorder=None)
    assert build(running).communications == ()


def test_an_issue_has_its_attempts_and_every_round(record):
    issue = record.issues[0]
    assert issue.attempts == ("催过",)
    assert [m.what for m in issue.rounds[0].measures] == ["加急"]
    assert issue.rounds[0].measures[0].owner == Person("专员H", "市场部")
    assert issue.rounds[0].result == "pending"


def test_the_summary_sorts_what_to_keep_from_what_to_improve(record):
    assert (record.summary.keep, record.summary.improve) == (("每周同步",), ("书面确认",))
    assert record.summary.target_results[0].number == Decimal("520.5")
    assert record.summary.target_results[1].reached == ""
    assert not record.is_archived


def test_what_was_built_comes_back_from_the_archive_unchanged(record):
    assert from_plain(json.loads(canonical(record))) == record
