"""A month of what is due, week by week, with the days on which nobody works."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from dashboards.due.asked import Asked
from dashboards.due.rows import Entry, Found, entries, fill
from deadlines.calendar.months import MONDAY_FIRST, Cell
from deadlines.models import CalendarDay


@dataclass(frozen=True)
class Day(Cell):
    """A day of the work calendar with its duties: `beyond` so many are not in `entries`, and nobody
    knows how many when the reading `is_cut` before the day ends.
    """

    entries: list[Entry]
    beyond: int
    is_cut: bool


@dataclass(frozen=True)
class Week:
    """From Monday to Sunday; None stands for the days of other months."""

    monday: dt.date
    days: list[Day | None]

    @property
    def number(self) -> int:
        """By ISO 8601: the first week is the one with the year's first Thursday."""
        return self.monday.isocalendar().week


def month_of(found: Found, asked: Asked) -> list[Week]:
    """The weeks of the month that was asked for, with what was found on its days."""
    by_day = defaultdict(list)
    for row in found.rows:
        by_day[row.due_at.astimezone(asked.zone).date()].append(row)
    special = CalendarDay.objects.filter(date__range=(asked.first, asked.last))
    special = {day.date: day for day in special}
    weeks = [
        Week(dates[0], [_day(date, by_day, special, found.until, asked) for date in dates])
        for dates in MONDAY_FIRST.monthdatescalendar(asked.first.year, asked.first.month)
    ]
    fill([line for week in weeks for day in week.days if day for line in day.entries], asked)
    return weeks


def _day(date, by_day, special, until, asked) -> Day | None:
    if date.month != asked.first.month:
        return None
    lines, beyond = entries(by_day[date], asked.now)
    is_cut = until is not None and date >= until
    return Day(date, special.get(date), date == asked.today, lines, beyond, is_cut)
