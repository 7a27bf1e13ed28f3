"""The organisation's work calendar: public holidays and make-up working days (调休)."""

import datetime as dt

from deadlines.models import CalendarDay, CalendarYear
from deadlines.policies import WorkCalendar

DECEMBER = 12


def work_calendar() -> WorkCalendar:
    """Every holiday and make-up working day, in one statement."""
    return WorkCalendar(dict(CalendarDay.objects.values_list("date", "is_working")))


def years_without_data(today: dt.date) -> list[int]:
    """The years whose official days should be known by `today` and are not.

    This year's always, next year's from 1 December: administrators have a month to enter them.
    """
    wanted = {today.year} | ({today.year + 1} if today.month == DECEMBER else set())
    known = CalendarYear.objects.filter(year__in=wanted, is_complete=True)
    return sorted(wanted - set(known.values_list("year", flat=True)))
