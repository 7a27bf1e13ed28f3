"""The annex of a record: who was reminded and told upwards, when, and with what result (R20, R30).

Every moment is written by the sweep and the services themselves.
"""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Absence, User
from conftest import at
from deadlines.delivery import deliver
from deadlines.models import Deadline, Message, Reminder
from deadlines.sweep import sweep
from issues.models import Escalation
from issues.services import reporting
from issues.services.escalation import acknowledge_escalation
from issues.tests.conftest import record as record_issue
from records.build import build
from records.layout import lay_out
from records.record import Annex, Person, from_plain
from records.tests.test_read_only import everything
from reviews.tests import example
from tasks.services.assignment import finish_subtask

pytestmark = pytest.mark.out_of_step

# 专员C's subtask is due on Tuesday, 2024-10-15; its first step is told two working days before,
# and the Saturday is one of them (调休).
MORNING = at("2024-10-12 09:00")
MINUTE = dt.timedelta(minutes=1)


def reminders(task, kind="subtask_due"):
    return [r for r in build(task).annex.reminders if r.duty == kind]


def swept(now):
    sweep(now)
    deliver(clock=lambda: now + MINUTE)


@pytest.fixture
def subtask(running, cast):
    """The promise of 专员C; all other duties are put aside."""
    subtask = running.subtasks.get(owner=cast.sales_staff)
    Deadline.objects.exclude(kind="subtask_due", subject_id=subtask.pk).delete()
    return subtask


# What is read ------------------------------------------------------------------------------------


def test_a_reminder_says_to_whom_as_what_of_what_when_and_what_became_of_it(running, cast, subtask):
    late = MORNING + 3 * MINUTE
    swept(late)
    (told,) = reminders(running)
    assert (told.moment, told.told_at, told.step) == (MORNING, late, "-2w@09:00")
    assert (told.person, told.role) == (Person("专员C", "销售部"), "owner")
    assert (told.what, told.owner) == (subtask.name, told.person)
    assert told.due_at == at("2024-10-15 23:59:59")
    assert (told.mail.state, told.mail.sent_at) == ("sent", late + MINUTE)


def test_the_line_upwards_and_a_stand_in_are_named_as_what_they_were_told(running, cast, subtask):
    Absence.objects.create(
        person=cast.sales_head,
        stand_in=cast.market_staff,
        starts_on=dt.date(2024, 10, 1),
        ends_on=dt.date(2024, 10, 31),
    )
    for day in range(14, 25):
        swept(at(f"2024-10-{day} 09:00"))
    told = reminders(running)
    assert [t.told_at for t in told] == sorted(t.told_at for t in told)
    roles = {(t.person.name, t.role) for t in told}
    assert {("专员C", "owner"), ("主管G", "head"), ("总监A", "senior")} <= roles
    (copy, *_more) = [t for t in told if t.role == "stand_in"]
    assert (copy.person.name, copy.stands_in_for) == ("专员H", Person("主管G", "销售部"))


def test_what_was_settled_before_its_mail_left_is_not_said_to_be_sent(running, cast, subtask):
    sweep(MORNING)
    message = Message.objects.get(reminders__deadline__subject_id=subtask.pk)
    finish_subtask(subtask=subtask, by=cast.sales_staff, now=MORNING + MINUTE)
    Message.objects.filter(pk=message.pk).update(
        state="sent", sent_at=MORNING + 5 * MINUTE, next_attempt_at=None
    )
    (told,) = reminders(running)
    assert (told.mail.state, told.mail.sent_at, told.mail.withdrawn) == (
        "cancelled",
        None,
        "settled",
    )


def test_what_a_mail_server_said_stays_with_the_administrators(running, subtask):
    sweep(MORNING)
    Message.objects.update(
        state="failed", last_error="550 no such user at mail.example", next_attempt_at=None
    )
    (told,) = reminders(running)
    assert (told.mail.state, told.mail.withdrawn) == ("failed", "")


def test_reminders_of_other_tasks_are_not_in_it(running, subtask):
    sweep(MORNING)
    Deadline.objects.update(task_id=running.pk + 1)
    assert build(running).annex == Annex()


@pytest.fixture
def reported(running, cast):
    """Issue 1, reported to 经理D and 总监A; the director has acknowledged it."""
    issue = record_issue(cast, running)
    issue = reporting.report_issue(issue=issue, by=cast.market_staff, now=at("2024-10-13 11:00"))
    deliver(clock=lambda: at("2024-10-13 11:01"))
    acknowledge_escalation(
        escalation=issue.escalations.get(person=cast.director),
        by=cast.director,
        now=at("2024-10-13 12:00"),
        note="已安排采购",
    )
    return issue


def test_an_escalation_says_who_was_told_of_which_issue_and_who_has_seen_it(
    running, cast, reported
):
    head, director = build(running).annex.escalations
    assert (head.issue, head.description) == (1, reported.description)
    assert (head.person.name, head.role, head.department) == ("经理D", "head", "市场部")
    assert head.told_at == director.told_at == at("2024-10-13 11:00")
    assert (head.mail.state, head.acknowledged_at) == ("sent", None)
    assert (director.person.name, director.role) == ("总监A", "senior")
    assert (director.acknowledged_at, director.note) == (at("2024-10-13 12:00"), "已安排采购")


def test_it_costs_two_statements_however_long_it_is(running, cast, subtask, reported):
    def cost(**options):
        task = type(running).objects.get(pk=running.pk)
        with CaptureQueriesContext(connection) as queries:
            build(task, **options)
        return len(queries)

    swept(MORNING)
    few = cost()
    many_reminders(subtask, cast, 300)
    assert cost() == few == cost(with_annex=False) + 2


def many_reminders(subtask, cast, number):
    deadline = Deadline.objects.of(subtask).get()
    message = Message.objects.create(
        recipient=cast.sales_staff, created_at=MORNING, state="sent", sent_at=MORNING
    )
    Reminder.objects.bulk_create(
        Reminder(
            deadline=deadline,
            step=f"{number}h",
            moment=MORNING + number * MINUTE,
            created_at=MORNING + number * MINUTE,
            recipient=cast.sales_staff,
            message=message,
        )
        for number in range(number)
    )


# What is frozen ----------------------------------------------------------------------------------


def test_the_archive_keeps_it_and_what_happens_to_the_rows_later_changes_nothing(
    running, cast, subtask, reported
):
    swept(MORNING)
    example.finish(cast, running)
    archive = example.sign(cast, running, reason="示例")
    task = type(running).objects.get(pk=running.pk)
    before = everything(task)
    record = from_plain(json.loads(archive.record))
    assert record.annex == build(task).annex
    assert "subtask_due" in [r.duty for r in record.annex.reminders]
    assert len(record.annex.escalations) == 2
    Escalation.objects.all().delete()
    Reminder.objects.all().delete()
    archive.refresh_from_db()
    assert from_plain(json.loads(archive.record)) == record
    assert everything(task) != before


# What is printed ---------------------------------------------------------------------------------


def texts(part):
    return [[field.text for field in row] for block in part.blocks for row in block.fields]


def test_a_reminder_is_one_line_in_words(running, subtask):
    swept(MORNING)
    part = lay_out(build(running), "en").parts[-1]
    assert part.heading == "Annex A. Reminders"
    (line,) = texts(part)
    assert line[2:] == [
        "销售部 专员C",
        "responsible person",
        f"Finish the subtask: {subtask.name}",
        "销售部 专员C",
        "2024-10-15 23:59",
        "mail sent 2024-10-12 09:01",
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "queued"}, "mail waiting"),
        ({"state": "failed", "next_attempt_at": None}, "mail failed"),
        (
            {"state": "cancelled", "next_attempt_at": None, "last_error": "no_address"},
            "no mail sent\nThe person has no mail address.",
        ),
    ],
)
def test_what_became_of_the_mail_is_said(running, subtask, values, words):
    sweep(MORNING)
    Message.objects.update(**values)
    (line,) = texts(lay_out(build(running), "en").parts[-1])
    assert line[-1] == words


def test_a_stand_in_is_said_to_stand_in_for_whom(running, cast, subtask):
    sweep(MORNING)
    Reminder.objects.update(role="stand_in", on_behalf_of=cast.sales_head)
    (line,) = texts(lay_out(build(running), "en").parts[-1])
    assert line[3] == "stand-in for 主管G"


def test_a_kind_that_this_version_no_longer_knows_is_printed_as_it_was_stored(running, subtask):
    sweep(MORNING)
    Deadline.objects.update(kind="of_old")
    (line,) = texts(lay_out(build(running), "en").parts[-1])
    assert line[4] == f"of_old: {subtask.name}"


def test_a_report_upwards_says_who_headed_what_why_and_what_they_answered(running, reported):
    part = lay_out(build(running), "en").parts[-1]
    assert part.heading == "Annex B. Issues reported upwards"
    row = texts(part)[-1]
    assert [row[0], *row[2:]] == [
        f"1: {reported.description}",
        "总经办 总监A\nSenior manager (Reported upwards)",
        "mail sent 2024-10-13 11:01",
        "2024-10-13 12:00\n已安排采购",
    ]


def test_where_nobody_was_told_there_is_no_annex(running, subtask):
    assert [p.code for p in lay_out(build(running), "en").parts][-1] == "summary"


# On the screen -----------------------------------------------------------------------------------


@pytest.fixture
def browser(sign_in, cast):
    client = sign_in(User.objects.get(pk=cast.sales_staff.pk))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def test_the_record_says_how_often_and_leads_to_the_annex(running, cast, subtask, browser):
    record = reverse("records:record_detail", args=[running.pk])
    annex = reverse("records:record_annex", args=[running.pk])
    assert annex not in browser.get(record).content.decode()
    many_reminders(subtask, cast, 120)
    page = browser.get(record).content.decode()
    assert f'href="{annex}"' in page
    assert "120 reminders and reports upwards" in page
    assert "responsible person" not in page


def test_a_long_annex_comes_in_pages(running, cast, subtask, browser):
    many_reminders(subtask, cast, 120)
    annex = reverse("records:record_annex", args=[running.pk])
    first = browser.get(annex).content.decode()
    assert first.count("responsible person") == 100
    assert "Page 1 of 2" in first
    last = browser.get(annex + "?page=2").content.decode()
    assert last.count("responsible person") == 20


def test_an_empty_annex_says_so(running, subtask, browser):
    page = browser.get(reverse("records:record_annex", args=[running.pk])).content.decode()
    assert "Nobody had to be told" in page


def test_of_an_archived_task_the_annex_is_what_was_frozen(running, cast, subtask, browser):
    swept(MORNING)
    example.finish(cast, running)
    example.sign(cast, running, reason="示例")
    Reminder.objects.all().delete()
    page = browser.get(reverse("records:record_annex", args=[running.pk])).content.decode()
    assert page.count("responsible person") == 1
    record = browser.get(reverse("records:record_detail", args=[running.pk])).content.decode()
    assert "1 reminder or report upwards" in record


@pytest.mark.parametrize("name", ["record_detail", "record_annex", "record_pdf"])
def test_a_page_costs_the_same_however_long_the_annex_is(running, cast, subtask, browser, name):
    address = reverse(f"records:{name}", args=[running.pk])

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        return len(queries)

    many_reminders(subtask, cast, 3)
    few = cost()
    Reminder.objects.all().delete()
    many_reminders(subtask, cast, 30)
    assert cost() == few <= 20
