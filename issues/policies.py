"""Rules that need only values: the grade, the reporting window, the first next dates."""

import datetime as dt

from issues.choices import Grade

REPORT_HOURS = 24
"""Natural hours from the occurrence, added to the instant (R20)."""

ACKNOWLEDGE_HOURS = 24
"""Natural hours a superior has to acknowledge, from being told; then the next one is told."""

ANSWER_WITHIN = 2
"""Working days until the first answer and until a check, unless somebody names another day."""


def grade_of(*, needs_other_departments: bool, affects_finish: bool) -> Grade:
    """One yes is enough to make it a matter between departments (R20)."""
    return Grade.CROSS if needs_other_departments or affects_finish else Grade.GENERAL


def report_due(occurred_at: dt.datetime) -> dt.datetime:
    """Until when it must be reported upwards; exactly 24:00:00 is in time (R20)."""
    return occurred_at.astimezone(dt.UTC) + dt.timedelta(hours=REPORT_HOURS)


def acknowledge_due(told_at: dt.datetime) -> dt.datetime:
    """Until when a superior acknowledges; exactly 24:00:00 is in time."""
    return told_at.astimezone(dt.UTC) + dt.timedelta(hours=ACKNOWLEDGE_HOURS)


def weekdays_after(day: dt.date, count: int) -> dt.date:
    """The day that lies `count` days, Monday to Friday, after a day."""
    while count:
        day += dt.timedelta(days=1)
        count -= day.isoweekday() <= 5
    return day
