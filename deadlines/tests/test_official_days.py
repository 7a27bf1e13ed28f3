"""A new database knows the official days of China; what administrators change stays changed."""

import datetime as dt

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audit.models import Event
from conftest import append_only, at, released
from deadlines import recount
from deadlines.calendar import official, services, work_calendar
from deadlines.calendar.official import official_days, seed_known_years, seed_year
from deadlines.models import CalendarDay, CalendarYear, Run

NOW = at("2026-11-23 09:00")

# The notice of the State Council's General Office of 4 November 2025 on the holidays of 2026:
# name, first and last day off, working days in exchange.
NOTICE_2026 = [
    ("元旦", "01-01", "01-03", ["01-04"]),
    ("春节", "02-15", "02-23", ["02-14", "02-28"]),
    ("清明", "04-04", "04-06", []),
    ("劳动节", "05-01", "05-05", ["05-09"]),
    ("端午", "06-19", "06-21", []),
    ("中秋", "09-25", "09-27", []),
    ("国庆节", "10-01", "10-07", ["09-20", "10-10"]),
]


# The same of 25 October 2023 and of 12 November 2024: first and last day off, days in exchange.
EARLIER_NOTICES = {
    2024: [
        ("01-01", "01-01", []),
        ("02-10", "02-17", ["02-04", "02-18"]),
        ("04-04", "04-06", ["04-07"]),
        ("05-01", "05-05", ["04-28", "05-11"]),
        ("06-10", "06-10", []),
        ("09-15", "09-17", ["09-14"]),
        ("10-01", "10-07", ["09-29", "10-12"]),
    ],
    2025: [
        ("01-01", "01-01", []),
        ("01-28", "02-04", ["01-26", "02-08"]),
        ("04-04", "04-06", []),
        ("05-01", "05-05", ["04-27"]),
        ("05-31", "06-02", []),
        ("10-01", "10-08", ["09-28", "10-11"]),
    ],
}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def days_from(first: dt.date, last: dt.date) -> list[dt.date]:
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def named_2026() -> dict[dt.date, tuple[bool, str]]:
    """{day: (is it a working day, name)} as the notice says."""
    return {
        each: (is_working, name)
        for name, first, last, exchanged in NOTICE_2026
        for is_working, days in [
            (False, days_from(day(first), day(last))),
            (True, map(day, exchanged)),
        ]
        for each in days
    }


def test_every_day_of_2026_is_what_the_notice_says(db):
    calendar, named = work_calendar(), named_2026()
    year = days_from(day("01-01"), day("12-31"))
    says = {each: named.get(each, (each.weekday() < 5, ""))[0] for each in year}
    assert {each: calendar.is_working(each) for each in year} == says
    assert sum(says.values()) == 248


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248)])
def test_every_day_of_the_years_before_is_what_their_notices_say(db, year, working_days):
    def on(text):
        return dt.date.fromisoformat(f"{year}-{text}")

    notice, calendar = EARLIER_NOTICES[year], work_calendar()
    off = {each for first, last, _ in notice for each in days_from(on(first), on(last))}
    exchanged = {on(each) for _first, _last, days in notice for each in days}
    dates = days_from(on("01-01"), on("12-31"))
    says = {each: each in exchanged or (each.weekday() < 5 and each not in off) for each in dates}
    assert {each: calendar.is_working(each) for each in dates} == says
    assert sum(says.values()) == working_days


def test_each_day_carries_the_name_of_its_holiday(db):
    rows = CalendarDay.objects.filter(date__year=2026)
    assert {row.date: (row.is_working, row.name) for row in rows} == named_2026()


@pytest.mark.parametrize(
    ("since", "count", "lands"),
    [
        ("02-13", 1, "02-14"),  # Friday; the Saturday before Spring Festival is worked
        ("02-14", 1, "02-24"),
        ("02-16", 1, "02-24"),  # the Monday of Spring Festival
        ("02-27", 1, "02-28"),
        ("02-28", 1, "03-02"),
        ("09-18", 1, "09-20"),  # the Sunday before National Day is worked
        ("09-30", 1, "10-08"),
        ("10-09", 1, "10-10"),
        ("10-05", 3, "10-10"),
    ],
)
def test_working_days_are_counted_across_holidays_and_exchanged_sundays(db, since, count, lands):
    assert work_calendar().after(day(since), count) == day(lands)


def test_every_year_from_2024_on_is_there_and_complete(db):
    assert set(CalendarYear.objects.filter(is_complete=True).values_list("year", flat=True)) >= {
        2024,
        2025,
        2026,
    }
    assert not work_calendar().is_working(dt.date(2024, 10, 7))
    assert work_calendar().is_working(dt.date(2024, 10, 12))
    assert not work_calendar().is_working(dt.date(2025, 10, 8))


def everything():
    return list(CalendarDay.objects.values()), list(CalendarYear.objects.values())


def test_seeding_again_changes_nothing(db):
    before, events = everything(), Event.objects.count()
    assert seed_known_years(now=NOW) == []
    assert not seed_year(year=2026, now=NOW)
    official.seed_after_migrate()
    assert everything() == before
    assert Event.objects.count() == events


def test_what_administrators_changed_stays(cast):
    holiday, removed = (CalendarDay.objects.get(date=day(text)) for text in ("10-07", "10-10"))
    admin = {"by": cast.admin, "now": NOW}
    services.edit_day(day=holiday, version=1, is_working=True, name="值班", **admin)
    services.remove_day(day=removed, **admin)
    services.set_days(first=day("05-20"), is_working=False, name="司庆", **admin)
    services.reopen_year(year=2026, **admin)
    before = everything()
    seed_known_years(now=NOW)
    assert everything() == before


@pytest.fixture
def newer_package(monkeypatch):
    """A version that knows 2027, whose notice also moves a day of December 2026."""
    new_year = official.Holiday.new_years_day.value
    known = {
        dt.date(2026, 12, 31): new_year,
        dt.date(2027, 1, 1): new_year,
        dt.date(2027, 10, 1): official.Holiday.national_day.value,
    }
    monkeypatch.setattr(official, "holidays", official.holidays | known)
    exchanged = {dt.date(2026, 12, 26): new_year}
    monkeypatch.setattr(official, "workdays", official.workdays | exchanged)


def test_a_newer_version_of_the_package_adds_its_years(newer_package, db):
    assert seed_known_years(now=NOW) == [2027]
    calendar = work_calendar()
    assert calendar.is_working(dt.date(2026, 12, 26))
    assert not calendar.is_working(dt.date(2026, 12, 31))
    assert not calendar.is_working(dt.date(2027, 1, 1))
    assert CalendarYear.objects.get(year=2027).is_complete


def test_days_entered_before_the_package_knew_the_year_are_kept(newer_package, cast):
    own = {"first": dt.date(2027, 10, 1), "is_working": True, "name": "盘点"}
    services.set_days(by=cast.admin, now=NOW, **own)
    assert seed_known_years(now=NOW) == [2027]
    assert work_calendar().is_working(dt.date(2027, 10, 1))
    assert not work_calendar().is_working(dt.date(2027, 1, 1))


def test_a_year_that_an_administrator_completed_is_left_alone(newer_package, cast):
    admin = {"by": cast.admin, "now": NOW}
    services.set_days(first=dt.date(2027, 1, 1), is_working=False, **admin)
    services.confirm_year(year=2027, **admin)
    assert seed_known_years(now=NOW) == []
    assert work_calendar().is_working(dt.date(2027, 10, 1))


def test_a_new_year_makes_open_deadlines_be_reckoned_anew(newer_package, running):
    Run.objects.all().delete()
    seed_known_years(now=NOW)
    assert recount.is_asked_for()


def test_the_december_before_comes_with_a_year_whose_notice_moved_it():
    assert official_days(2019)[dt.date(2018, 12, 29)] == "元旦"
    assert min(official_days(2026)) == dt.date(2026, 1, 1)


def test_the_history_says_that_the_system_entered_them(db):
    event = Event.objects.about(CalendarYear(year=2026)).get()
    assert (event.action, event.actor_id) == ("calendar.year_seeded", None)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_emptied_has_its_calendar_again():
    before = CalendarDay.objects.count()
    CalendarDay.objects.all().delete()
    with released(*append_only()):
        call_command("flush", interactive=False, verbosity=0)
    assert CalendarDay.objects.count() == before > 0


def test_an_older_state_of_the_tables_is_passed_over(db):
    CalendarYear.objects.all().delete()
    old = MigrationExecutor(connection).loader.project_state(
        ("deadlines", "0002_ladders_and_calendar")
    )
    official.seed_after_migrate(apps=old.apps)
    none = MigrationExecutor(connection).loader.project_state(("audit", "0001_initial"))
    official.seed_after_migrate(apps=none.apps)
    assert not CalendarYear.objects.exists()
