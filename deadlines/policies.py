"""When things are due and when people are told. Pure functions of aware datetimes and a zone."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

LOG_WITHIN = dt.timedelta(hours=24)
"""Natural hours, added to the instant: a clock change makes them neither longer nor shorter."""

NOON = dt.time(12)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days: Monday to Friday, but for public holidays and make-up working days."""

    days: Mapping[dt.date, bool] = field(default_factory=dict)
    """The days that are not what their weekday says: is it a working day?"""

    def is_working(self, day: dt.date) -> bool:
        return self.days.get(day, day.isoweekday() <= 5)

    def after(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after a day; for a negative count before it; 0: the day."""
        one = dt.timedelta(days=1 if count > 0 else -1)
        for _ in range(abs(count)):
            day += one
            while not self.is_working(day):
                day += one
        return day


class Rule(StrEnum):
    """How a due moment was computed."""

    HOURS = "hours"
    DAY = "day"
    WORKING_DAYS = "working_days"
    MONDAY_NOON = "monday_noon"
    WEEK = "week"


@dataclass(frozen=True)
class Due:
    """A due moment, and how it was computed: from when, and how many hours or working days."""

    at: dt.datetime
    rule: Rule
    since: dt.datetime
    within: int | None = None


def wall_clock(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """What the clock on the wall shows, as an instant in UTC; in a gap, when it would have been."""
    return dt.datetime.combine(day, time, zone).astimezone(dt.UTC)


def end_of_day(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last second of a day in the organisation's zone, as an instant in UTC.

    Where clocks go back at midnight the second passes twice: the day ends with the later one.
    """
    return wall_clock(date, dt.time(23, 59, 59, fold=1), zone)


def due_within_hours(hours: int, since: dt.datetime) -> Due:
    """Natural hours after a moment; exactly then is in time (R13, R20)."""
    since = since.astimezone(dt.UTC)
    return Due(since + dt.timedelta(hours=hours), Rule.HOURS, since, hours)


def due_on(day: dt.date, zone: ZoneInfo) -> Due:
    """By the last second of a day."""
    at = end_of_day(day, zone)
    return Due(at, Rule.DAY, at)


def due_within_days(count: int, since: dt.datetime, zone: ZoneInfo, calendar: WorkCalendar) -> Due:
    """By the last second of the `count`-th working day after the day of a moment."""
    day = calendar.after(since.astimezone(zone).date(), count)
    return Due(end_of_day(day, zone), Rule.WORKING_DAYS, since.astimezone(dt.UTC), count)


def due_monday_noon(week: dt.date, zone: ZoneInfo, calendar: WorkCalendar, *, moves: bool) -> Due:
    """By 12:00 on the Monday after the week that begins on `week` (R17).

    When that Monday is a public holiday and noon `moves`: by 12:00 on the next working day.
    """
    monday = week + dt.timedelta(days=7)
    moved = moves and not calendar.is_working(monday)
    day = calendar.after(monday, 1) if moved else monday
    return Due(wall_clock(day, NOON, zone), Rule.MONDAY_NOON, wall_clock(monday, NOON, zone))


def due_this_week(week: dt.date, zone: ZoneInfo) -> Due:
    """By the last second of the Sunday of the week that begins on `week` (R16)."""
    at = end_of_day(week + dt.timedelta(days=6), zone)
    return Due(at, Rule.WEEK, at)


def log_due(ends_at: dt.datetime) -> dt.datetime:
    """When the log of a communication is due (R13); exactly 24:00:00 is in time."""
    return ends_at.astimezone(dt.UTC) + LOG_WITHIN


def late_by(due_at: dt.datetime, done_at: dt.datetime) -> dt.timedelta | None:
    """How late something was done; None when in time, the due moment itself included."""
    return done_at - due_at if done_at > due_at else None


def week_of(date: dt.date) -> dt.date:
    """The Monday of the week a day lies in. Weeks are half-open: [Monday, next Monday)."""
    return date - dt.timedelta(days=date.weekday())


STEP = re.compile(r"([+-]?\d{1,3})([mhdw])(?:@([01]\d|2[0-3]):([0-5]\d))?")


@dataclass(frozen=True)
class Step:
    """One rung of a ladder: when, from the due moment, and who is told (R30).

    `unit` is m (minutes), h (hours), d (days) or w (working days); with `at`, a day's step is told
    when the clock on the wall shows it, otherwise at the due moment's own time of day.
    """

    amount: int
    unit: str
    at: dt.time | None = None
    roles: tuple[str, ...] = ("owner",)

    @classmethod
    def parse(cls, code: str, *roles: str) -> "Step":
        """The step that `code` writes: "-4h", "0m", "+1w@09:00". ValueError for anything else."""
        found = STEP.fullmatch(code)
        if found is None or (found[3] and found[2] in "mh") or not roles:
            raise ValueError(code)
        at = dt.time(int(found[3]), int(found[4])) if found[3] else None
        return cls(int(found[1]), found[2], at, roles)

    @property
    def code(self) -> str:
        """How evidence and settings write it; of two steps with the same code one is told."""
        amount = f"{self.amount:+d}" if self.amount else "0"
        return f"{amount}{self.unit}" + (f"@{self.at:%H:%M}" if self.at else "")

    @property
    def line(self) -> str:
        """As settings and documentation write it: "+4h owner head"."""
        return " ".join([self.code, *self.roles])

    def moment(self, due_at: dt.datetime, zone: ZoneInfo, calendar: WorkCalendar) -> dt.datetime:
        """When it is told of something due at `due_at`."""
        if self.unit in "mh":
            unit = "minutes" if self.unit == "m" else "hours"
            return due_at + dt.timedelta(**{unit: self.amount})
        local = due_at.astimezone(zone)
        if self.unit == "w":
            day = calendar.after(local.date(), self.amount)
        else:
            day = local.date() + dt.timedelta(days=self.amount)
        return wall_clock(day, self.at or local.timetz().replace(tzinfo=None), zone)


def first_look(moments: Iterable[dt.datetime], now: dt.datetime) -> dt.datetime | None:
    """When the sweep must first look at a ladder that begins now.

    Of the steps that have passed already only the latest is told: what is entered long after it
    was due gets one reminder. All that come after are told, however late the sweep.
    """
    moments = sorted(moments)
    passed = [moment for moment in moments if moment <= now]
    return passed[-1] if passed else next(iter(moments), None)


def next_look(moments: Iterable[dt.datetime], now: dt.datetime) -> dt.datetime | None:
    """When a ladder must be looked at again; None when it is used up."""
    return min((moment for moment in moments if moment > now), default=None)
