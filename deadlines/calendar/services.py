"""Keeps the work calendar. Due moments that rest on it are reckoned anew after each change."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError, StageChanged
from coordination.words import listing
from deadlines import recount
from deadlines.models import CalendarDay, CalendarYear
from deadlines.permissions import CALENDAR

AT_MOST = 62
"""Days entered at once: the longest closure anybody means, and no slip of a year."""


class BackwardSpan(DomainError):
    code = "backward_span"
    message = _("The last day must not lie before the first.")


class LongSpan(DomainError):
    code = "long_span"
    message = _("At most %(number)d days at once.")


class DaysPresent(DomainError):
    code = "days_present"
    message = _("Already in the calendar: %(days)s. Change or remove them there first.")


class NothingEntered(DomainError):
    code = "nothing_entered"
    message = _("No day of this year is entered yet.")


@transaction.atomic
def set_days(*, by, now, first, last=None, is_working, name="") -> list[CalendarDay]:
    """Enters each day from `first` to `last`, both included, as a holiday or a working day.

    Raises DaysPresent when one of them is in the calendar already: nothing is overwritten unseen.
    """
    CALENDAR.require(by, "edit", None)
    dates = _dates(first, last or first)
    _check_free(dates)
    try:
        with transaction.atomic():
            days = CalendarDay.objects.bulk_create(
                CalendarDay(date=date, is_working=is_working, name=name) for date in dates
            )
    except IntegrityError as error:  # somebody else was entering them at the same moment
        raise _present(dates) from error
    changes = {"is_working": (None, is_working)}
    if len(days) > 1:
        changes["last_day"] = (None, dates[-1])
    history.record(days[0], "calendar.day_set", by=by, now=now, changes=changes)
    recount.after_change(now)
    return days


@transaction.atomic
def edit_day(*, day, by, now, version, is_working, name) -> CalendarDay:
    """Makes a day a holiday or a working day, or gives it another name."""
    CALENDAR.require(by, "edit", None)
    values = {"is_working": is_working, "name": name}
    if history.change(day, "calendar.day_edited", by=by, now=now, version=version, **values):
        recount.after_change(now)
    return day


@transaction.atomic
def remove_day(*, day, by, now) -> None:
    """The day is again what its weekday says."""
    CALENDAR.require(by, "edit", None)
    removed, _rows = CalendarDay.objects.filter(pk=day.pk, version=day.version).delete()
    if not removed:
        raise StageChanged
    changes = {"is_working": (day.is_working, None)}
    history.record(day, "calendar.day_removed", by=by, now=now, changes=changes)
    recount.after_change(now)


@transaction.atomic
def confirm_year(*, year: int, by, now) -> CalendarYear:
    """Says that all official days of a year are entered: nobody is reminded of it any more."""
    CALENDAR.require(by, "edit", None)
    if not CalendarDay.objects.filter(date__year=year).exists():
        raise NothingEntered
    row, _is_new = CalendarYear.objects.get_or_create(year=year, defaults={"is_complete": False})
    _mark(row, "calendar.year_confirmed", by, now, complete=True)
    return row


@transaction.atomic
def reopen_year(*, year: int, by, now) -> CalendarYear:
    """Takes back that the days of a year are complete. The days stay, nothing is seeded again."""
    CALENDAR.require(by, "edit", None)
    row = CalendarYear.objects.filter(year=year).first()
    if row is None:
        raise StageChanged
    _mark(row, "calendar.year_reopened", by, now, complete=False)
    return row


def _mark(row, action, by, now, *, complete):
    move = {"field": "is_complete", "old": [not complete], "to": complete}
    history.move(row, action, by=by, now=now, **move)


def _dates(first, last) -> list[dt.date]:
    number = (last - first).days + 1
    if number < 1:
        raise BackwardSpan(field="last")
    if number > AT_MOST:
        raise LongSpan(LongSpan.message % {"number": AT_MOST}, field="last")
    return [first + dt.timedelta(days=n) for n in range(number)]


def _check_free(dates) -> None:
    present = CalendarDay.objects.filter(date__in=dates)
    if present:
        raise _present(day.date for day in present)


def _present(dates) -> DaysPresent:
    words = {"days": listing(date.isoformat() for date in dates)}
    return DaysPresent(DaysPresent.message % words, field="first")
