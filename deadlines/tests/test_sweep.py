"""Each step of a ladder is told once, whatever the clock and the machines do (R30)."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Department
from deadlines import sweep as sweeping
from deadlines.models import Deadline, Message, Reminder
from deadlines.services import keep_duties
from deadlines.sweep import SweepResult, sweep
from deadlines.tests.conftest import DAY, DUE, HOUR, debt

SECOND = dt.timedelta(seconds=1)


def told():
    """What was told to whom, in order."""
    rows = Reminder.objects.order_by("pk").select_related("recipient")
    return [(r.step, r.recipient.name) for r in rows]


def test_a_step_is_told_at_its_moment_and_not_a_second_before(owe):
    owe()
    sweep(DUE - SECOND)
    assert told() == [("-1d", "专员C")]
    sweep(DUE)
    sweep(DUE + SECOND)
    assert told() == [("-1d", "专员C"), ("0m", "专员C")]


def test_ten_ticks_make_one_reminder(owe):
    owe()
    for tick in range(10):
        sweep(DUE + tick * SECOND)
    assert told() == [("-1d", "专员C"), ("0m", "专员C")]


def test_later_steps_go_up_the_line(owe):
    owe()
    sweep(DUE + HOUR)
    assert told()[-2:] == [("+1h", "专员C"), ("+1h", "主管G")]


def test_three_missed_days_are_caught_up_once(owe):
    owe()
    assert sweep(DUE + 3 * DAY) == SweepResult(deadlines=1, reminders=6)
    assert told()[-2:] == [("+1d", "专员C"), ("+1d", "主管G")]
    assert Message.objects.count() == 2, "one mail to each, whatever was missed"
    assert sweep(DUE + 4 * DAY) == SweepResult()


def test_a_used_up_ladder_is_never_looked_at_again(owe):
    deadline = owe()
    sweep(DUE + DAY)
    deadline.refresh_from_db()
    assert deadline.next_at is None


def test_what_is_entered_long_after_it_was_due_gets_its_last_reminder_only(owe):
    entered = DUE + 400 * DAY
    owe(opened_at=entered)
    sweep(entered)
    sweep(entered + DAY)
    assert told() == [("+1d", "专员C"), ("+1d", "主管G")]


def test_a_clock_that_jumps_back_tells_nothing_again(owe):
    owe()
    sweep(DUE)
    sweep(DUE - 2 * DAY)
    sweep(DUE - DAY)
    sweep(DUE)
    assert told() == [("-1d", "专员C"), ("0m", "专员C")]


def test_a_settled_deadline_is_silent(owe, settle):
    settle(owe(), DUE - 2 * DAY)
    assert sweep(DUE) == SweepResult()


def test_a_moved_deadline_has_a_ladder_of_its_own(owe, cast, debts):
    deadline = owe()
    sweep(DUE)
    debts[deadline.subject_id] = debt(cast.sales_staff, DUE + 5 * DAY)
    keep_duties(Department.objects.get(pk=deadline.subject_id), now=DUE + SECOND)
    sweep(DUE + HOUR)
    assert told() == [("-1d", "专员C"), ("0m", "专员C")]
    sweep(DUE + 4 * DAY)
    assert told()[2:] == [("-1d", "专员C")]


def test_an_owner_who_left_is_not_told_but_the_head_is(owe, cast):
    cast.sales_staff.is_active = False
    cast.sales_staff.save()
    owe()
    sweep(DUE)
    assert told() == []
    sweep(DUE + HOUR)
    assert told() == [("+1h", "主管G")]


def test_a_head_who_owes_it_is_told_once(owe, cast):
    owe(cast.sales_head)
    sweep(DUE + HOUR)
    assert told() == [("-1d", "主管G"), ("0m", "主管G"), ("+1h", "主管G")]


def test_what_one_run_tells_one_person_is_one_mail(owe, cast, monkeypatch):
    """Also where a run takes several transactions."""
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for _ in range(5):
        owe()
    owe(cast.sales_head)
    assert sweep(DUE + HOUR) == SweepResult(deadlines=6, reminders=6 * 3 + 5)
    assert sorted(m.recipient.name for m in Message.objects.all()) == ["专员C", "主管G"]


def test_a_mail_that_is_leaving_gets_no_further_reminder(owe):
    """It would never be read: the next one is a mail of its own."""
    first = owe()
    sweep(DUE)
    leaving = Message.objects.get()
    assert Message.objects.claim(leaving, now=DUE, lease=HOUR)
    owe()
    sweep(DUE)
    assert Message.objects.count() == 2
    assert {r.deadline_id for r in leaving.reminders.all()} == {first.pk}


def test_a_step_told_under_another_ladder_is_not_told_again(owe):
    deadline = owe()
    sweep(DUE)
    Deadline.objects.filter(pk=deadline.pk).update(next_at=DUE)
    sweep(DUE)
    assert told() == [("-1d", "专员C"), ("0m", "专员C")]


def test_a_kind_without_its_app_waits_and_holds_nobody_up(owe):
    forgotten = owe()
    Deadline.objects.filter(pk=forgotten.pk).update(kind="gone")
    owe()
    assert sweep(DUE).deadlines == 1
    forgotten.refresh_from_db()
    assert forgotten.next_at == DUE - DAY


def test_a_run_costs_the_same_for_3_and_for_30_duties_of_a_person(owe):
    """Lock, owners, organisation, calendar, ladders, departments, stand-ins, move, told before,
    message waiting, message, reminders; and letting the run's mails go.
    """
    counts = []
    for rows in (3, 30):
        for _ in range(rows):
            owe()
        with CaptureQueriesContext(connection) as queries:
            sweep(DUE + HOUR + rows * SECOND)
        counts.append(len(queries))
        Deadline.objects.all().delete()
    assert counts[0] == counts[1] <= 18


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_tell_everything_once(owe):
    for _ in range(250):
        owe()
    start = Barrier(2)

    def one(_):
        start.wait()
        try:
            return sweep(DUE)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, range(2)))
    sweep(DUE)
    assert Reminder.objects.count() == 500, "a day before, and now"
    assert Reminder.objects.values("deadline").distinct().count() == 250
    assert sum(result.reminders for result in results) <= 500
    assert not Deadline.objects.to_remind(DUE).exists()


def test_of_two_sweeps_that_read_the_same_row_the_second_writes_nothing(owe, monkeypatch):
    """Also on a database that ignores row locks."""
    owe()
    plan = sweeping.plan

    def plan_while_another_sweeps(deadlines, terms):
        Deadline.objects.update(next_at=DUE + HOUR)
        return plan(deadlines, terms)

    monkeypatch.setattr(sweeping, "plan", plan_while_another_sweeps)
    assert sweep(DUE) == SweepResult()
    assert told() == []
