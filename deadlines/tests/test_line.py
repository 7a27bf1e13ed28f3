"""Reminders go up the line: owner, contact, head, senior manager; stand-ins get a copy (R30)."""

import datetime as dt

import pytest

from accounts.models import Absence
from deadlines import kinds
from deadlines.line import Line
from deadlines.models import Deadline, Message, Reminder, Role
from deadlines.sweep import sweep
from deadlines.tests.conftest import DAY, DUE, HOUR

ALL = ("owner", "contact", "head", "senior")


def told(deadline, *roles):
    people = Line([deadline], DUE.date()).told(deadline, roles or ALL)
    return {person.name: str(role) for person, role in people.items()}


def away(person, stand_in, first=-1, last=1):
    day = DUE.date()
    Absence.objects.create(
        person=person,
        stand_in=stand_in,
        starts_on=day + dt.timedelta(days=first),
        ends_on=day + dt.timedelta(days=last),
    )


def test_each_step_up_names_the_person_and_why(owe, cast):
    deadline = owe(cast.research_head)
    Deadline.objects.filter(pk=deadline.pk).update(owner=cast.sales_staff)
    deadline.refresh_from_db()
    assert told(deadline) == {
        "专员C": "owner",
        "工程师F": "contact",
        "经理B": "head",
        "总监A": "senior",
    }


def test_a_person_of_two_roles_is_told_once_as_the_nearest(owe, cast):
    assert told(owe(cast.sales_head)) == {"主管G": "owner", "总监A": "senior"}


def test_the_senior_manager_is_the_nearest_other_head_above(owe, cast):
    cast.board.head = cast.sales_head
    cast.board.save()
    assert told(owe(cast.sales_head), "senior") == {}


def test_a_person_of_no_department_has_no_line(owe, cast):
    assert told(owe(cast.admin)) == {"管理员": "owner"}


def test_who_was_named_for_this_task_is_told_instead_of_the_contacts(owe, cast, monkeypatch):
    deadline = owe(cast.research_head)
    deadline.task_id = 7
    named = {(7, cast.research.pk): cast.sales_staff}
    monkeypatch.setattr(kinds, "_namers", [lambda tasks: named])
    assert told(deadline, "contact") == {"专员C": "contact"}


def test_four_statements_for_any_number(owe, cast, django_assert_max_num_queries):
    people = [cast.research_head, cast.sales_head, cast.sales_staff, cast.market_head]
    for person in people * 5:
        owe(person)
    deadlines = list(Deadline.objects.prefetch_related("owner"))
    with django_assert_max_num_queries(4):
        line = Line(deadlines, DUE.date())
        for deadline in deadlines:
            list(line.stand_ins_for(line.told(deadline, ALL)))


def test_the_stand_in_gets_a_copy_and_the_duty_stays(owe, cast):
    away(cast.sales_staff, cast.service_head)
    deadline = owe()
    sweep(DUE)
    copies = Reminder.objects.filter(recipient=cast.service_head)
    assert {(c.role, c.on_behalf_of) for c in copies} == {(Role.STAND_IN, cast.sales_staff)}
    assert Reminder.objects.filter(recipient=cast.sales_staff).exists()
    deadline.refresh_from_db()
    assert deadline.owner == cast.sales_staff


def test_a_stand_in_who_is_told_anyway_is_told_once(owe, cast):
    away(cast.sales_staff, cast.sales_head)
    owe()
    sweep(DUE + HOUR)
    of_step = Reminder.objects.filter(step="+1h", recipient=cast.sales_head)
    assert [r.role for r in of_step] == [Role.HEAD]


@pytest.mark.parametrize(("first", "last"), [(1, 3), (-3, -1)])
def test_before_and_after_the_absence_nobody_stands_in(owe, cast, first, last):
    away(cast.sales_staff, cast.service_head, first, last)
    owe(opened_at=DUE - HOUR)
    sweep(DUE)
    assert not Reminder.objects.filter(recipient=cast.service_head).exists()


def quiet(person, begin, end):
    person.quiet_from, person.quiet_until = dt.time(begin), dt.time(end)
    person.save()


def leaves(person):
    return Message.objects.get(recipient=person).next_attempt_at


def test_quiet_hours_hold_a_reminder_back(owe, cast):
    """Due at 18:00; told a day before at 18:00, in quiet hours from 17:00 to 08:00."""
    quiet(cast.sales_staff, 17, 8)
    owe()
    sweep(DUE - DAY)
    assert leaves(cast.sales_staff) == DUE - 10 * HOUR


def test_quiet_hours_never_hold_it_past_the_deadline(owe, cast):
    quiet(cast.sales_staff, 17, 16)
    owe(due_at=DUE)
    sweep(DUE - DAY)
    assert leaves(cast.sales_staff) == DUE - 2 * HOUR
    quiet(cast.sales_staff, 17, 20)
    Message.objects.update(state="cancelled", next_attempt_at=None)
    sweep(DUE)
    newest = Message.objects.filter(recipient=cast.sales_staff).latest("pk")
    assert newest.next_attempt_at == DUE


def test_what_is_held_back_is_one_mail_in_the_morning(owe, cast):
    quiet(cast.sales_staff, 17, 8)
    for minutes in (0, 30, 90):
        owe(due_at=DUE + dt.timedelta(minutes=minutes))
        sweep(DUE - DAY + dt.timedelta(minutes=minutes))
    assert leaves(cast.sales_staff) == DUE - 10 * HOUR


def test_something_urgent_takes_what_is_held_back_along(owe, cast):
    quiet(cast.sales_staff, 17, 8)
    owe()
    sweep(DUE - DAY)
    owe(due_at=DUE - DAY + HOUR)
    sweep(DUE - DAY + HOUR)
    assert leaves(cast.sales_staff) == DUE - DAY + HOUR


def test_a_change_in_quiet_hours_waits_for_the_morning(cast, owe):
    from audit import history
    from deadlines.services import tell

    quiet(cast.sales_staff, 17, 8)
    event = history.record(cast.sales, "department.edited", by=cast.admin, now=DUE)
    tell(event=event, people=[cast.sales_staff], link="/", now=DUE)
    assert leaves(cast.sales_staff) == DUE + 14 * HOUR


def test_a_killed_sweep_delays_its_mails_by_a_minute(owe, cast, monkeypatch):
    """They were to leave together at the end of the run."""
    from deadlines import sweep as sweeping

    monkeypatch.setattr(sweeping, "_let_go", lambda now: None)
    owe()
    sweep(DUE)
    assert leaves(cast.sales_staff) == DUE + dt.timedelta(seconds=60)
