"""The official days of China enter the calendar by themselves, as far as they are published.

Only here is chinesecalendar asked: it cannot know a year whose notice is not out yet, nor what an
organisation agreed for itself. Deadlines rest on the rows, which administrators may change.
"""

import datetime as dt

from chinese_calendar import Holiday, holidays, workdays
from django.apps import apps as installed
from django.db import transaction
from django.utils import timezone

from audit import history
from audit.models import Event
from deadlines import recount
from deadlines.models import CalendarDay, CalendarYear, Deadline, Run

FIRST_YEAR = 2024
TOUCHES = (CalendarDay, CalendarYear, Deadline, Run, Event)


def seed_known_years(*, now: dt.datetime) -> list[int]:
    """Enters every year that is known and has no row yet; returns them.

    What was opened while a year was unknown is reckoned anew.
    """
    known = {day.year for day in holidays if day.year >= FIRST_YEAR}
    missing = known - set(CalendarYear.objects.values_list("year", flat=True))
    years = [year for year in sorted(missing) if seed_year(year=year, now=now)]
    if years and Deadline.objects.open().exists():
        recount.after_change(now)
    return years


@transaction.atomic
def seed_year(*, year: int, now: dt.datetime) -> bool:
    """Enters the official days of a year and marks it as complete; whether anything was done.

    A year that has its row is its administrators': what they removed stays away. Days they entered
    before are kept as they are.
    """
    row, is_new = CalendarYear.objects.get_or_create(year=year, defaults={"is_complete": True})
    if not is_new:
        return False
    days = official_days(year)
    present = set(CalendarDay.objects.filter(date__in=days).values_list("date", flat=True))
    CalendarDay.objects.bulk_create(
        CalendarDay(date=date, is_working=date in workdays, name=name)
        for date, name in days.items()
        if date not in present
    )
    history.record(row, "calendar.year_seeded", by=None, now=now)
    return True


def official_days(year: int) -> dict[dt.date, str]:
    """{day: name} of a year's holidays, those on weekends too, and of its make-up working days.

    With those of the December before: the notice of a year may move them, as for 2008 and 2019.
    """
    first, last = dt.date(year - 1, 12, 1), dt.date(year, 12, 31)
    named = {**holidays, **workdays}
    return {
        date: Holiday(name).chinese for date, name in sorted(named.items()) if first <= date <= last
    }


def seed_after_migrate(*, apps=installed, **_) -> None:
    """Receiver of post_migrate: a new database has its calendar, a newer package adds its years.

    Passed over where the tables are those of an earlier migration.
    """
    if all(_is_current(model, apps) for model in TOUCHES):
        seed_known_years(now=timezone.now())


def _is_current(model, apps) -> bool:
    try:
        found = apps.get_model(model._meta.label)
    except LookupError:
        return False
    return _columns(found) == _columns(model)


def _columns(model) -> set[str]:
    return {field.column for field in model._meta.concrete_fields}
