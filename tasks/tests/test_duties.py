"""What stages 1 to 3 owe: one person, one moment, until it is settled (docs/deadlines.md)."""

import datetime as dt

import pytest

from accounts.models import Organisation
from conftest import at, requirement
from deadlines.models import CalendarDay, Deadline
from deadlines.recount import differences
from deadlines.services import keep_duties
from deadlines.terms import Terms
from tasks.models import SupportRequest
from tasks.services import assignment, closing, drafting, initiation, support
from weekly.services import issuing
from weekly.services import weeks as weekly
from weekly.services.progress import report_progress

SUBMITTED = at("2024-09-21 09:00")  # A Saturday: Monday is the first working day after it.
OPENED = at("2024-09-23 09:00")
CONFIRMED = at("2024-09-24 09:00")
# Sunday 29 September was worked instead of a day of the holidays, 1 to 7 October.


def duties(code, **where):
    """The open rows of a kind as (who, when on the wall), earliest first."""
    rows = Deadline.objects.open().filter(kind=code, **where).order_by("due_at", "pk")
    return [
        (row.owner, f"{row.due_at.astimezone(SUBMITTED.tzinfo):%m-%d %H:%M:%S}") for row in rows
    ]


def how(code):
    """How the rows of a kind were settled, in order."""
    rows = Deadline.objects.filter(kind=code).exclude(settled_at=None)
    return list(rows.order_by("settled_at", "pk").values_list("settled_how", flat=True))


@pytest.fixture
def asked(cast, running):
    """销售部 asks 研发部 on a Wednesday, for something needed in a fortnight."""
    return support.ask_support(
        subtask=running.subtasks.get(name="渠道铺设"),
        department=cast.research,
        what="演示样机",
        needed_by=dt.date(2024, 10, 30),
        by=cast.sales_head,
        now=at("2024-10-16 10:00"),
    )


def answer(asked, by, now="2024-10-17 10:00", **said):
    said = {"answer": "accepted"} | said
    return support.answer_support(request=asked, by=by, now=at(now), **said)


def collaboration(task, department):
    return task.collaborations.get(department=department)


# The consultation (R7).


def test_heads_answer_the_consultation_within_two_working_days(consulted, cast):
    expected = [(cast.sales_head, "09-24 23:59:59"), (cast.research_head, "09-24 23:59:59")]
    assert duties("consultation") == expected


def test_holidays_and_make_up_days_count_as_the_calendar_says(draft, cast):
    for day, works in (("2024-09-21", True), ("2024-09-23", False)):
        CalendarDay.objects.create(date=day, is_working=works)
    now = at("2024-09-20 17:00")
    initiation.submit_task(task=draft, by=cast.market_head, now=now)
    assert {when for _who, when in duties("consultation")} == {"09-24 23:59:59"}


def test_an_answer_settles_the_consultation_and_asking_again_opens_it_anew(consulted, cast):
    sales = collaboration(consulted, cast.sales)
    initiation.answer_consultation(
        collaboration=sales, answer="commented", comment="人手紧", by=cast.sales_head, now=OPENED
    )
    assert [who for who, _when in duties("consultation")] == [cast.research_head]
    assert how("consultation") == ["done"]
    initiation.ask_again(collaboration=sales, by=cast.market_head, now=at("2024-09-25 09:00"))
    assert (cast.sales_head, "09-27 23:59:59") in duties("consultation")


def test_the_contact_named_for_the_task_answers_instead_of_the_head(consulted, cast):
    research = collaboration(consulted, cast.research)
    contact = {"by": cast.research_head, "now": OPENED}
    initiation.name_contact(collaboration=research, contact=cast.research_contact, **contact)
    assert (cast.research_contact, "09-24 23:59:59") in duties("consultation")
    assert how("consultation") == ["moved"]
    initiation.name_contact(collaboration=research, contact=None, **contact)
    assert (cast.research_head, "09-24 23:59:59") in duties("consultation")


def test_where_nobody_answers_for_a_department_the_initiator_finds_who_does(draft, cast):
    cast.sales.head = None
    cast.sales.save(update_fields=["head"])
    cast.research_head.is_active = False
    cast.research_head.save(update_fields=["is_active"])
    initiation.submit_task(task=draft, by=cast.market_head, now=SUBMITTED)
    assert [who for who, _when in duties("consultation")] == [cast.market_head] * 2


def test_a_department_that_joins_later_is_asked_from_then_on(consulted, cast):
    revise(consulted, cast, [cast.sales, cast.research, cast.service], "2024-09-26 09:00")
    assert (cast.service_head, "09-29 23:59:59") in duties("consultation")


def test_a_department_that_is_left_out_owes_nothing(consulted, cast):
    revise(consulted, cast, [cast.research], "2024-09-22 09:00")
    assert [who for who, _when in duties("consultation")] == [cast.research_head]
    assert how("consultation") == ["cancelled"]


def revise(task, cast, departments, now, **changes):
    fields, rows = requirement(**changes)
    rows["work_items"] = [{"id": item.pk, "name": item.name} for item in task.work_items.all()]
    return drafting.revise_task(
        task=task,
        by=cast.market_head,
        now=at(now),
        version=task.version,
        fields=fields,
        rows=rows,
        departments=departments,
        reason="范围调整",
    )


def test_silence_ends_with_the_opening_of_the_assignment(consulted, cast):
    initiation.open_assignment(task=consulted, by=cast.market_head, now=OPENED)
    assert duties("consultation") == []
    assert how("consultation") == ["cancelled", "cancelled"]


# Taking on and confirming (R9–R12).


def test_the_opened_assignment_is_taken_on_in_three_and_confirmed_in_five_days(assigning, cast):
    expected = [(cast.sales_head, "09-26 23:59:59"), (cast.research_head, "09-26 23:59:59")]
    assert duties("take_on") == expected
    assert duties("confirm") == [(cast.market_head, "09-29 23:59:59")]


def take_on(task, cast, item, now=CONFIRMED):
    departments = {
        "市场调研": (cast.market, cast.market_staff),
        "产品培训": (cast.research, cast.research_contact),
        "渠道铺设": (cast.sales, cast.sales_staff),
    }
    department, owner = departments[item]
    return assignment.take_on_work_item(
        work_item=task.work_items.get(name=item),
        department=department,
        by=department.head,
        now=now,
        name=item,
        goal="覆盖20家核心门店",
        owner=owner,
        start_date=dt.date(2024, 10, 1),
        due_date=dt.date(2024, 10, 15),
    )


def test_a_department_that_takes_something_on_has_done_so_until_it_takes_it_back(assigning, cast):
    subtask = take_on(assigning, cast, "渠道铺设")
    assert [who for who, _when in duties("take_on")] == [cast.research_head]
    assert how("take_on") == ["done"]
    assignment.cancel_subtask(subtask=subtask, by=cast.sales_head, now=CONFIRMED, reason="人手不足")
    assert (cast.sales_head, "09-26 23:59:59") in duties("take_on")
    assert how("subtask_due") == ["cancelled"]


def test_nobody_owes_taking_on_when_nothing_is_left(assigning, cast):
    take_on(assigning, cast, "渠道铺设")
    take_on(assigning, cast, "市场调研")
    assert [who for who, _when in duties("take_on")] == [cast.research_head]
    assignment.take_on_work_item(
        work_item=assigning.work_items.get(name="产品培训"),
        department=cast.sales,
        by=cast.sales_head,
        now=CONFIRMED,
        name="产品培训",
        goal="4场",
        owner=cast.sales_staff,
        start_date=dt.date(2024, 10, 1),
        due_date=dt.date(2024, 10, 15),
    )
    assert duties("take_on") == []
    assert how("take_on") == ["done", "cancelled"]


def test_a_department_that_joins_the_assignment_has_its_three_days(assigning, cast):
    revise(assigning, cast, [cast.sales, cast.research, cast.service], "2024-09-25 09:00")
    assert (cast.service_head, "09-29 23:59:59") in duties("take_on")


def test_confirmation_settles_the_assignment(running):
    assert duties("take_on") == duties("confirm") == []
    assert how("confirm") == ["done"]


# Support (R9).


def test_the_asked_department_answers_within_two_working_days(asked, cast):
    assert duties("support_answer") == [(cast.research_head, "10-18 23:59:59")]


@pytest.mark.parametrize(
    ("needed_by", "due"),
    [
        ("2024-10-16", "10-16"),
        ("2024-10-17", "10-17"),
        ("2024-10-20", "10-18"),
        ("2024-10-01", "10-18"),
    ],
)
def test_the_answer_comes_by_the_day_the_support_is_needed(asked, cast, needed_by, due):
    """A day that had passed when the question was asked gives no other time."""
    SupportRequest.objects.update(needed_by=needed_by)
    contact = {"contact": cast.research_contact, "by": cast.research_head, "now": asked.asked_at}
    research = collaboration(asked.subtask.task, cast.research)
    initiation.name_contact(collaboration=research, **contact)
    assert duties("support_answer") == [(cast.research_contact, f"{due} 23:59:59")]


def test_the_initiator_answers_what_the_initiating_department_is_asked(running, cast):
    support.ask_support(
        subtask=running.subtasks.get(name="渠道铺设"),
        department=cast.market,
        what="海报设计稿",
        needed_by=dt.date(2024, 10, 30),
        by=cast.sales_head,
        now=at("2024-10-16 10:00"),
    )
    assert duties("support_answer") == [(cast.market_head, "10-18 23:59:59")]


def test_a_promise_is_delivered_by_the_end_of_its_day_by_whoever_gave_it(asked, cast):
    answer(asked, cast.research_contact)
    assert how("support_answer") == ["done"]
    assert duties("support_delivery") == [(cast.research_contact, "10-30 23:59:59")]
    other = {"answer": "rescheduled", "promised_date": dt.date(2024, 11, 4), "words": "缺货"}
    answer(asked, cast.research_head, "2024-10-18 10:00", **other)
    assert duties("support_delivery") == [(cast.research_head, "11-04 23:59:59")]
    support.deliver_support(request=asked, by=cast.research_head, now=at("2024-10-30 10:00"))
    assert duties("support_delivery") == []
    assert how("support_delivery") == ["moved", "done"]


def test_a_promise_taken_back_is_cancelled_and_not_done(asked, cast):
    answer(asked, cast.research_head)
    answer(asked, cast.research_head, "2024-10-18 10:00", answer="declined", words="人手不足")
    assert duties("support_answer") == duties("support_delivery") == []
    assert how("support_delivery") == ["cancelled"]


def test_the_promise_of_somebody_who_left_is_the_departments(asked, cast):
    answer(asked, cast.research_contact)
    cast.research_contact.is_active = False
    cast.research_contact.save(update_fields=["is_active"])
    keep_duties(asked, now=at("2024-10-18 09:00"))
    assert duties("support_delivery") == [(cast.research_head, "10-30 23:59:59")]


@pytest.mark.parametrize("promised", [False, True])
def test_a_request_that_is_withdrawn_owes_nothing(asked, cast, promised):
    if promised:
        answer(asked, cast.research_head)
    support.withdraw_support(request=asked, by=cast.sales_head, now=at("2024-10-18 10:00"))
    assert duties("support_answer") == duties("support_delivery") == []


def test_a_request_falls_with_its_subtask(asked, cast):
    now = at("2024-10-17 10:00")
    assignment.cancel_subtask(subtask=asked.subtask, by=cast.sales_head, now=now, reason="不做")
    assert duties("support_answer") == []
    assert how("support_answer") == ["cancelled"]


# Subtasks.


def test_a_subtask_is_due_at_the_end_of_its_day_up_the_line_of_its_department(running, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    row = Deadline.objects.open().get(kind="subtask_due", subject_id=subtask.pk)
    assert duties("subtask_due", subject_id=subtask.pk) == [(cast.sales_staff, "10-15 23:59:59")]
    assert row.department == cast.sales


def test_another_owner_or_day_moves_the_subtask(running, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    assignment.edit_subtask(
        subtask=subtask,
        by=cast.sales_head,
        now=at("2024-10-02 09:00"),
        version=subtask.version,
        reason="换人",
        owner=cast.sales_head,
        due_date=dt.date(2024, 10, 20),
    )
    assert duties("subtask_due", subject_id=subtask.pk) == [(cast.sales_head, "10-20 23:59:59")]
    assert duties("progress_update", subject_id=subtask.pk) == [(cast.sales_head, "10-06 23:59:59")]


# Every week: progress (R16) and the roll-up (R17).


def weeks(code):
    rows = Deadline.objects.open().filter(kind=code).order_by("period", "subject_id")
    return sorted({row.period for row in rows})


def report(running, now, name="渠道铺设", week=None):
    subtask = running.subtasks.get(name=name)
    return report_progress(
        subtask=subtask,
        actual=50,
        cause="other",
        reason="另有安排",
        by=subtask.owner,
        now=at(now),
        week=week,
    )


def test_weeks_begin_without_anybody_acting(running, cast):
    assert weeks("progress_update") == weeks("weekly_sync") == []
    assert weekly.open_weeks(at("2024-09-29 23:59:59")) == 0
    assert weekly.open_weeks(at("2024-09-30 00:00")) == 1
    owners = {cast.market_staff, cast.research_contact, cast.sales_staff}
    assert set(duties("progress_update")) == {(who, "10-06 23:59:59") for who in owners}
    assert weeks("weekly_sync") == ["2024-09-30"]
    assert weekly.open_weeks(at("2024-10-06 23:59:59")) == 0


def test_weeks_that_were_missed_are_opened_by_the_next_run(running):
    weekly.open_weeks(at("2024-09-30 00:00"))
    assert weekly.open_weeks(at("2024-10-16 08:00")) == 1
    assert weeks("weekly_sync") == ["2024-09-30", "2024-10-07", "2024-10-14"]
    assert weeks("progress_update") == ["2024-09-30", "2024-10-07", "2024-10-14"]
    assert Deadline.objects.open().filter(kind="progress_update").count() == 9


def test_a_run_costs_the_same_when_all_is_open(running, django_assert_num_queries):
    weekly.open_weeks(at("2024-10-14 00:00"))
    # The organisation, the calendar; of five weeks the noons to move; tasks without this week.
    with django_assert_num_queries(8):
        assert weekly.open_weeks(at("2024-10-14 01:00")) == 0


def test_what_was_reported_or_sent_is_not_opened_again(running, cast):
    now = "2024-10-18 09:00"
    weekly.open_weeks(at(now))
    for name in ("市场调研", "产品培训", "渠道铺设"):
        report(running, now, name)
    send(running, cast, dt.date(2024, 10, 14), now)
    assert weeks("progress_update") == weeks("weekly_sync") == ["2024-09-30", "2024-10-07"]
    assert weekly.open_weeks(at("2024-10-18 10:00")) == 0


def send(task, cast, week, now):
    needs = [
        {"subtask": subtask.pk, "what": "人手", "department": cast.sales.pk}
        for subtask in task.subtasks.all()
    ]
    return issuing.send_weekly_sync(
        task=task, week=week, by=cast.market_head, now=at(now), summary="顺利", needs=needs
    )


def test_a_report_settles_its_week_and_opens_those_that_were_missed(running, cast):
    report(running, "2024-10-09 09:00", week=dt.date(2024, 9, 30))
    subtask = running.subtasks.get(name="渠道铺设")
    assert duties("progress_update", subject_id=subtask.pk) == [
        (cast.sales_staff, "10-13 23:59:59")
    ]
    report(running, "2024-10-09 09:05")
    assert duties("progress_update", subject_id=subtask.pk) == []


def test_confirmation_in_a_week_of_work_opens_that_week_at_once(assigning, cast):
    for item in ("市场调研", "产品培训", "渠道铺设"):
        take_on(assigning, cast, item)
    assignment.confirm_assignment(task=assigning, by=cast.market_head, now=at("2024-10-10 09:00"))
    assert weeks("progress_update") == weeks("weekly_sync") == ["2024-10-07"]


def test_the_roll_up_moves_to_the_next_working_day_when_monday_is_a_holiday(running, cast):
    weekly.open_weeks(at("2024-09-30 00:00"))
    assert duties("weekly_sync") == [(cast.market_head, "10-08 12:00:00")]
    report = send(running, cast, dt.date(2024, 9, 30), "2024-10-08 12:00")
    assert report.sync.late_by is None


REMINDERS = {
    "progress_update": [
        "10-18 16:00 owner",  # Friday
        "10-21 09:00 owner contact",  # Monday
        "10-21 11:00 owner head",
    ],
    "weekly_sync": [
        "10-18 16:00 owner",  # Friday
        "10-21 09:00 owner",  # Monday
        "10-21 11:30 owner",
        "10-21 12:00 owner head",
        "10-21 16:00 owner head",
        "10-22 09:00 owner head senior",
    ],
}


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_week_is_reminded_of_from_friday_on_and_then_up_the_line(running, kind):
    now = at("2024-10-14 00:00")
    weekly.open_weeks(now)
    row = Deadline.objects.open().filter(kind=kind, period="2024-10-14").first()
    moments = Terms.current(now).moments(kind, row.due_at)
    told = [f"{m.astimezone(now.tzinfo):%m-%d %H:%M} {' '.join(s.roles)}" for m, s in moments]
    assert told == REMINDERS[kind]


def test_noon_stays_on_monday_where_the_organisation_says_so(running, cast):
    Organisation.objects.update(monday_moves=False)
    weekly.open_weeks(at("2024-09-30 00:00"))
    assert duties("weekly_sync") == [(cast.market_head, "10-07 12:00:00")]


def test_a_finished_subtask_owes_no_week_and_what_nobody_reported_is_not_done(running, cast):
    weekly.open_weeks(at("2024-10-08 00:00"))
    subtask = running.subtasks.get(name="渠道铺设")
    assignment.finish_subtask(subtask=subtask, by=cast.sales_staff, now=at("2024-10-09 09:00"))
    assert duties("progress_update", subject_id=subtask.pk) == []
    assert how("progress_update") == ["cancelled", "cancelled"]
    assert how("subtask_due") == ["done"]
    later = at("2024-10-10 09:00")
    assignment.reopen_subtask(subtask=subtask, by=cast.sales_staff, now=later, reason="返工")
    rows = Deadline.objects.open().filter(subject_id=subtask.pk, kind="progress_update")
    assert sorted(rows.values_list("period", flat=True)) == ["2024-09-30", "2024-10-07"]


def test_finished_work_owes_its_last_roll_up_but_no_more_progress(running, cast):
    weekly.open_weeks(at("2024-10-08 00:00"))
    task = closing.finish_task(task=running, by=cast.market_head, now=at("2024-10-09 17:00"))
    assert weeks("progress_update") == []
    assert weeks("weekly_sync") == ["2024-09-30", "2024-10-07"]
    assert weekly.open_weeks(at("2024-10-22 00:00")) == 0
    send(task, cast, dt.date(2024, 10, 7), "2024-10-14 09:00")
    assert weeks("weekly_sync") == ["2024-09-30"]
    closing.resume_task(task=task, by=cast.market_head, now=at("2024-10-15 09:00"), reason="补做")
    assert weeks("weekly_sync") == ["2024-09-30", "2024-10-14"]


def test_a_cancelled_task_owes_nothing(running, asked, cast):
    weekly.open_weeks(at("2024-10-16 00:00"))
    initiation.cancel_task(
        task=running, by=cast.market_head, now=at("2024-10-17 09:00"), reason="停止"
    )
    assert not Deadline.objects.open().filter(task_id=running.pk).exists()
    assert weekly.open_weeks(at("2024-10-22 00:00")) == 0


def test_whatever_was_done_the_recount_finds_nothing(running, asked, cast):
    now = at("2024-10-17 09:00")
    weekly.open_weeks(now)
    answer(asked, cast.research_head)
    report(running, "2024-10-17 09:00")
    assert differences(now) == []
    revise(running, cast, [cast.sales, cast.research], "2024-10-17 10:00", title="新名字")
    assert differences(now) == []
    contexts = Deadline.objects.open().values_list("context", flat=True)
    assert set(contexts) == {"2024-市场-001 新名字"}
