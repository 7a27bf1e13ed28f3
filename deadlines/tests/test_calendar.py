"""Administrators keep the work calendar and are told in time of a year that is not in it."""

import dataclasses
import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.utils import timezone

from audit.models import Event
from conftest import at, make_cast
from coordination.errors import EditedMeanwhile, NotAllowed, StageChanged
from deadlines import kinds, recount
from deadlines.calendar import services, work_calendar, years_without_data
from deadlines.models import CalendarDay, CalendarYear, Deadline, Run
from deadlines.tests.conftest import DAY, debt

NOW = at("2026-11-23 09:00")
COMPANY_DAY = dt.date(2026, 5, 20)
NEW_YEAR = dt.date(2027, 1, 1)


@pytest.fixture
def admin(cast):
    return {"by": cast.admin, "now": NOW}


@pytest.fixture
def national_day(db):
    return CalendarDay.objects.get(date=dt.date(2026, 10, 1))


def is_working(date):
    return work_calendar().is_working(date)


def newest(row):
    event = Event.objects.about(row).first()
    return event.action, event.actor_name, event.changes


def test_a_day_is_entered(admin):
    [day] = services.set_days(first=COMPANY_DAY, is_working=False, name="司庆", **admin)
    assert not is_working(COMPANY_DAY)
    assert newest(day) == ("calendar.day_set", "管理员", {"is_working": [None, False]})


def test_a_span_is_entered_as_one_act_with_one_entry(admin):
    events = Event.objects.count()
    days = services.set_days(
        first=NEW_YEAR, last=dt.date(2027, 1, 3), is_working=False, name="元旦", **admin
    )
    assert [day.date.day for day in days] == [1, 2, 3]
    assert not any(is_working(day.date) for day in days)
    assert Event.objects.count() == events + 1
    assert newest(days[0])[2]["last_day"] == [None, "2027-01-03"]


@pytest.mark.parametrize(
    ("first", "last", "refusal", "field"),
    [
        ("2027-01-03", "2027-01-01", services.BackwardSpan, "last"),
        ("2027-01-01", "2027-03-04", services.LongSpan, "last"),
        ("2026-09-30", "2026-10-01", services.DaysPresent, "first"),
    ],
)
def test_a_span_that_cannot_be_meant_is_refused_beside_its_field(
    admin, first, last, refusal, field
):
    before = list(CalendarDay.objects.values())
    first, last = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    with pytest.raises(refusal) as refused:
        services.set_days(first=first, last=last, is_working=True, **admin)
    assert refused.value.field == field
    assert list(CalendarDay.objects.values()) == before


def test_sixty_two_days_are_entered_at_once(admin):
    last = NEW_YEAR + dt.timedelta(days=61)
    assert len(services.set_days(first=NEW_YEAR, last=last, is_working=False, **admin)) == 62


def test_a_day_is_changed(admin, national_day):
    services.edit_day(day=national_day, version=1, is_working=True, name="值班", **admin)
    assert is_working(national_day.date)
    changes = {"is_working": [False, True], "name": ["国庆节", "值班"]}
    assert newest(national_day) == ("calendar.day_edited", "管理员", changes)


def test_a_stale_edit_is_told_what_was_changed(admin, national_day):
    services.edit_day(day=national_day, version=1, is_working=False, name="国庆", **admin)
    with pytest.raises(EditedMeanwhile) as told:
        services.edit_day(day=national_day, version=1, is_working=True, name="", **admin)
    assert [event.action for event in told.value.events] == ["calendar.day_edited"]
    assert not is_working(national_day.date)


def test_a_removed_day_is_what_its_weekday_says(admin, national_day):
    services.remove_day(day=national_day, **admin)
    assert is_working(national_day.date)  # a Thursday
    assert newest(national_day)[0] == "calendar.day_removed"
    with pytest.raises(StageChanged):
        services.remove_day(day=national_day, **admin)


def test_only_administrators_change_the_calendar(cast, national_day):
    others = [p for p in vars(cast).values() if hasattr(p, "is_staff") and not p.is_staff]
    before = list(CalendarDay.objects.values()), list(CalendarYear.objects.values())
    acts = [
        (services.set_days, {"first": COMPANY_DAY, "is_working": False}),
        (services.edit_day, {"day": national_day, "version": 1, "is_working": True, "name": ""}),
        (services.remove_day, {"day": national_day}),
        (services.confirm_year, {"year": 2026}),
        (services.reopen_year, {"year": 2026}),
    ]
    for person in others:
        for act, values in acts:
            with pytest.raises(NotAllowed):
                act(by=person, now=NOW, **values)
    assert (list(CalendarDay.objects.values()), list(CalendarYear.objects.values())) == before


# What rests on the calendar ---------------------------------------------------------------------


def test_every_change_has_due_moments_reckoned_anew(admin, national_day):
    edit = {"day": national_day, "name": "国庆节"}
    acts = [
        lambda: services.set_days(first=COMPANY_DAY, is_working=False, **admin),
        lambda: services.edit_day(version=1, is_working=True, **edit, **admin),
        lambda: services.remove_day(day=national_day, **admin),
    ]
    for act in acts:
        Run.objects.all().delete()
        act()
        assert recount.is_asked_for()


def test_nothing_is_reckoned_anew_where_nothing_changed(admin, national_day):
    Run.objects.all().delete()
    services.edit_day(day=national_day, version=1, is_working=False, name="国庆节", **admin)
    assert not recount.is_asked_for()


def test_monday_noon_moves_with_a_holiday_and_back_again(admin, owe, kind, monkeypatch):
    """R17: somebody enters the day off after the deadline was opened."""
    week, tuesday = dt.date(2026, 11, 30), at("2026-12-08 12:00")

    def owed(subject, terms):
        return [dataclasses.replace(debt(admin["by"]), due=terms.monday_noon(week))]

    deadline = owe()
    monkeypatch.setitem(kinds._kinds, "test", dataclasses.replace(kind, owed=owed))

    def due():
        assert recount.is_asked_for()
        recount.reconcile(NOW)
        return Deadline.objects.open().get(kind="test", subject_id=deadline.subject_id).due_at

    monday = dt.date(2026, 12, 7)
    [day] = services.set_days(first=monday, is_working=False, name="司庆", **admin)
    assert due() == tuesday
    services.set_days(first=dt.date(2026, 12, 8), is_working=False, **admin)
    assert due() == tuesday + DAY
    services.remove_day(day=day, **admin)
    assert due() == tuesday - DAY


# A year that is not in the calendar -------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        ("2026-01-01", []),
        ("2026-11-30", []),
        ("2026-12-01", [2027]),
        ("2026-12-31", [2027]),
        ("2027-01-01", [2027]),
        ("2027-11-30", [2027]),
        ("2027-12-01", [2027, 2028]),
        ("2023-11-30", [2023]),
        ("2023-12-01", [2023]),
    ],
)
def test_a_missing_year_is_told_a_month_ahead_and_while_it_lasts(db, today, missing):
    CalendarYear.objects.filter(year__gt=2026).delete()
    assert years_without_data(dt.date.fromisoformat(today)) == missing


def test_a_year_is_complete_once_an_administrator_says_so(admin):
    december = dt.date(2026, 12, 1)
    services.set_days(first=NEW_YEAR, is_working=False, name="元旦", **admin)
    assert years_without_data(december) == [2027]
    year = services.confirm_year(year=2027, **admin)
    assert years_without_data(december) == []
    assert newest(year) == ("calendar.year_confirmed", "管理员", {"is_complete": [False, True]})
    with pytest.raises(StageChanged):
        services.confirm_year(year=2027, **admin)

    services.reopen_year(year=2027, **admin)
    assert years_without_data(december) == [2027]
    assert newest(year)[0] == "calendar.year_reopened"
    with pytest.raises(StageChanged):
        services.reopen_year(year=2027, **admin)


def test_a_year_without_any_day_is_not_complete(admin):
    with pytest.raises(services.NothingEntered):
        services.confirm_year(year=2027, **admin)
    assert not CalendarYear.objects.filter(year=2027).exists()
    with pytest.raises(StageChanged):
        services.reopen_year(year=2027, **admin)


# At the same moment -----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_the_same_days_at_once_are_one_entry_and_one_refusal():
    cast, barrier, answers = make_cast(), threading.Barrier(8), []

    def enter(first):
        barrier.wait()
        try:
            services.set_days(
                by=cast.admin, now=timezone.now(), first=first, last=NEW_YEAR, is_working=False
            )
            answers.append("entered")
        except services.DaysPresent:
            answers.append("refused")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=enter, args=(NEW_YEAR - dt.timedelta(days=n % 2),))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["entered"] + ["refused"] * 7
    assert Event.objects.filter(action="calendar.day_set").count() == 1
    connection.close()
