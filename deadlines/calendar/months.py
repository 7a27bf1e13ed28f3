"""A year as people hang it on the wall: twelve months, each with what is special in it."""

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.dates import WEEKDAYS
from django.utils.translation import pgettext_lazy

from deadlines.models import CalendarDay

MONDAY_FIRST = calendar.Calendar(firstweekday=calendar.MONDAY)
HEADS = [
    (pgettext_lazy("narrow weekday", "Mo"), WEEKDAYS[0]),
    (pgettext_lazy("narrow weekday", "Tu"), WEEKDAYS[1]),
    (pgettext_lazy("narrow weekday", "We"), WEEKDAYS[2]),
    (pgettext_lazy("narrow weekday", "Th"), WEEKDAYS[3]),
    (pgettext_lazy("narrow weekday", "Fr"), WEEKDAYS[4]),
    (pgettext_lazy("narrow weekday", "Sa"), WEEKDAYS[5]),
    (pgettext_lazy("narrow weekday", "Su"), WEEKDAYS[6]),
]
"""Above the columns: in as little space as there is, and in full."""


@dataclass(frozen=True)
class Cell:
    """A day of a month; `special` is its row, None when it is what its weekday says."""

    date: dt.date
    special: CalendarDay | None
    is_today: bool

    @property
    def look(self) -> str:
        """How it is drawn: off, work, weekend, or as any other day."""
        if self.special:
            return self.special.look
        return "weekend" if self.date.isoweekday() > 5 else ""


@dataclass
class Span:
    """Days after one another that are special in the same way."""

    first: CalendarDay
    last: CalendarDay

    def takes(self, day: CalendarDay) -> bool:
        """Whether a day is the next one of this span."""
        follows = day.date - self.last.date == dt.timedelta(days=1)
        return follows and (day.is_working, day.name) == (self.last.is_working, self.last.name)


@dataclass(frozen=True)
class Month:
    """Weeks from Monday to Sunday; None stands for the days of other months."""

    first: dt.date
    weeks: list[list[Cell | None]]
    spans: list[Span]


def months_of(year: int, days: Iterable[CalendarDay], today: dt.date) -> list[Month]:
    """The twelve months of a year. `days` are its special ones in order."""
    special = {day.date: day for day in days}
    return [_month(dt.date(year, number, 1), special, today) for number in range(1, 13)]


def _month(first, special, today) -> Month:
    weeks = [
        [_cell(first, date, special, today) for date in week]
        for week in MONDAY_FIRST.monthdatescalendar(first.year, first.month)
    ]
    return Month(first, weeks, spans_of(d for d in special.values() if d.date.month == first.month))


def _cell(first, date, special, today) -> Cell | None:
    if date.month != first.month:
        return None
    return Cell(date, special.get(date), is_today=date == today)


def spans_of(days: Iterable[CalendarDay]) -> list[Span]:
    """Days in order, put together where they follow one another and are alike."""
    spans = []
    for day in days:
        if spans and spans[-1].takes(day):
            spans[-1].last = day
        else:
            spans.append(Span(day, day))
    return spans
