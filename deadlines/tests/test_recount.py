"""Rows and what they stand for never part; where they did, the night puts them right."""

import dataclasses

import pytest

from accounts.models import Department
from conftest import at
from deadlines import recount
from deadlines.models import Deadline, Ladder, Reminder, Run
from deadlines.recount import differences, reconcile
from deadlines.services import keep_duties
from deadlines.sweep import sweep
from deadlines.tests.conftest import DAY, DUE, HOUR, debt

NIGHT = DUE - 3 * DAY


def rows():
    return list(
        Deadline.objects.filter(kind="test").order_by("pk").values_list("settled_how", flat=True)
    )


def test_a_night_after_honest_work_finds_nothing(owe):
    owe()
    assert differences(NIGHT) == []
    assert reconcile(NIGHT).repaired == []


def test_a_duty_without_its_row_is_opened(owe):
    deadline = owe()
    Deadline.objects.filter(pk=deadline.pk).delete()
    assert differences(NIGHT) == [f"test {deadline.subject_id}"]
    assert reconcile(NIGHT).repaired == [f"test {deadline.subject_id}: opened"]
    assert rows() == [""]


def test_a_row_whose_duty_is_gone_is_settled(owe, debts):
    deadline = owe()
    del debts[deadline.subject_id]
    assert reconcile(NIGHT).repaired == [f"test {deadline.subject_id}: settled"]
    assert rows() == ["cancelled"]


@pytest.mark.parametrize("change", ["owner", "moment"])
def test_a_row_that_names_another_person_or_moment_is_moved(owe, debts, cast, change):
    deadline = owe()
    new = {"owner": debt(cast.market_head), "moment": debt(cast.sales_staff, DUE + DAY)}
    debts[deadline.subject_id] = new[change]
    assert reconcile(NIGHT).repaired == [f"test {deadline.subject_id}: moved"]
    assert rows() == ["moved", ""]
    assert differences(NIGHT) == []


def test_looking_changes_nothing(owe):
    Deadline.objects.filter(pk=owe().pk).delete()
    differences(NIGHT)
    assert rows() == []


def test_more_than_one_page_of_subjects_is_compared(owe, debts, monkeypatch):
    monkeypatch.setattr(recount, "CHUNK", 2)
    opened = [owe() for _ in range(5)]
    del debts[opened[4].subject_id]
    Deadline.objects.filter(pk=opened[2].pk).delete()
    result = reconcile(NIGHT)
    assert len(result.repaired) == 2
    assert result.checked == 5


def test_words_that_changed_are_kept_up_without_a_new_ladder(owe, debts):
    deadline = owe()
    debts[deadline.subject_id] = dataclasses.replace(debts[deadline.subject_id], what="新海报")
    keep_duties(Department.objects.get(pk=deadline.subject_id), now=NIGHT)
    deadline.refresh_from_db()
    assert (deadline.what, rows()) == ("新海报", [""])


def test_a_ladder_that_was_changed_holds_for_what_is_open(owe):
    deadline = owe()
    Ladder.objects.create(kind="test", steps=["-2d owner", "+2h owner head"])
    reconcile(NIGHT)
    deadline.refresh_from_db()
    assert deadline.next_at == DUE - 2 * DAY
    sweep(DUE + 2 * HOUR)
    steps = deadline.reminders.order_by("pk").values_list("step", "recipient__name")
    assert list(steps) == [("-2d", "专员C"), ("+2h", "专员C"), ("+2h", "主管G")]


def test_a_step_whose_moment_has_come_is_left_to_the_sweep(owe):
    deadline = owe()
    reconcile(DUE + HOUR)
    deadline.refresh_from_db()
    assert deadline.next_at == DUE - DAY


def test_a_change_of_the_calendar_calls_for_a_recount_once(owe):
    recount.after_change(NIGHT)
    recount.after_change(NIGHT)
    assert recount.is_asked_for()
    reconcile(NIGHT)
    assert not recount.is_asked_for()
    assert Run.objects.count() == 1


def test_a_step_of_a_new_ladder_that_comes_before_the_recount_is_told(owe):
    """The workers stand still for three days; then they sweep before they recount."""
    owe(opened_at=NIGHT - 20 * DAY)
    sweep(NIGHT)
    Ladder.objects.create(kind="test", steps=["-4d owner", "-50h owner", "0m owner"])
    recount.after_change(NIGHT)
    recount.after_change(DUE - DAY)
    sweep(DUE + HOUR)
    reconcile(DUE + HOUR)
    sweep(DUE + HOUR)
    steps = Reminder.objects.order_by("pk").values_list("step", flat=True)
    assert sorted(steps) == ["-50h", "0m"], "and nothing of before the change"


def test_what_is_asked_for_during_a_recount_is_not_forgotten(owe, monkeypatch):
    owe()
    recount.after_change(NIGHT)
    plan_anew = recount._plan_anew

    def while_an_administrator_changes_a_day(*args):
        plan_anew(*args)
        recount.after_change(NIGHT + 2 * HOUR)

    monkeypatch.setattr(recount, "_plan_anew", while_an_administrator_changes_a_day)
    Run.objects.filter(job=recount.JOB).update(began_at=NIGHT + HOUR)
    reconcile(NIGHT + HOUR)
    assert recount.is_asked_for()


def test_what_a_department_owes_moves_with_its_head(owe, debts, cast):
    deadline = owe(cast.sales_head)
    debts[deadline.subject_id] = dataclasses.replace(debt(cast.sales_staff), department=cast.sales)
    recount.of_department(cast.sales, NIGHT)
    assert Deadline.objects.open().get(kind="test").owner == cast.sales_staff


def test_weeks_are_rows_of_their_own(owe, debts, kind, monkeypatch, cast):
    """R16: the second week is owed beside the first one that nobody reported."""
    deadline = owe()
    weeks = [
        dataclasses.replace(
            debt(cast.sales_staff, at(f"2024-10-{day} 12:00")), period=f"2024-10-{day}"
        )
        for day in ("14", "21")
    ]
    both = dataclasses.replace(kind, owed=lambda subject, terms: weeks)
    monkeypatch.setitem(recount.kinds._kinds, "test", both)
    reconcile(NIGHT)
    open_ones = Deadline.objects.open().filter(kind="test").values_list("period", flat=True)
    assert sorted(open_ones) == ["2024-10-14", "2024-10-21"]
    assert differences(NIGHT) == []
    assert deadline.subject_id
