"""When things are due. Pure functions of aware datetimes and a zone."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

LOG_WITHIN = dt.timedelta(hours=24)
"""Natural hours, added to the instant: a clock change makes them neither longer nor shorter."""


def end_of_day(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last second of a day in the organisation's zone, as an instant in UTC.

    Where clocks go back at midnight the second passes twice: the day ends with the later one.
    """
    return dt.datetime.combine(date, dt.time(23, 59, 59, fold=1), zone).astimezone(dt.UTC)


def log_due(ends_at: dt.datetime) -> dt.datetime:
    """When the log of a communication is due (R13); exactly 24:00:00 is in time."""
    return ends_at.astimezone(dt.UTC) + LOG_WITHIN


def late_by(due_at: dt.datetime, done_at: dt.datetime) -> dt.timedelta | None:
    """How late something was done; None when in time, the due moment itself included."""
    return done_at - due_at if done_at > due_at else None


def week_of(date: dt.date) -> dt.date:
    """The Monday of the week a day lies in. Weeks are half-open: [Monday, next Monday)."""
    return date - dt.timedelta(days=date.weekday())


def latest_due(moments: Sequence[dt.datetime], since: dt.datetime, now: dt.datetime) -> int | None:
    """Which step of a ladder is told now: the latest whose moment lies in [since, now].

    The ones before it are passed over: three missed days are caught up once, and what is entered
    long after it was due gets its last reminder only. None when no moment lies there.
    """
    due = [index for index, moment in enumerate(moments) if since <= moment <= now]
    return due[-1] if due else None


def next_moment(moments: Sequence[dt.datetime], now: dt.datetime) -> dt.datetime | None:
    """When a ladder must be looked at again; None when it is used up."""
    return next((moment for moment in moments if moment > now), None)
