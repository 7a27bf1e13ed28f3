"""The table of time: when things are due and told, to the second, by real sweeps of real rows.

Written out by hand from the calendar on the wall, not computed. Each row holds a second before
(nothing is told, it is in time), exactly then (told, in time) and a second after (told once, late).
"""

import dataclasses
import datetime as dt

import pytest

from accounts.models import Department, Membership, Organisation, User
from deadlines import kinds
from deadlines.models import CalendarDay, Deadline, Message, Reminder
from deadlines.policies import Rule, late_by
from deadlines.services import keep_duties
from deadlines.sweep import sweep
from deadlines.tests.conftest import DAY, HOUR, debt

SECOND = dt.timedelta(seconds=1)
ZONES = {
    "shanghai": "Asia/Shanghai",
    "new-york": "America/New_York",
    "apia": "Pacific/Apia",
    "nuuk": "America/Nuuk",
    "sao-paulo": "America/Sao_Paulo",
}

# What an organisation enters itself: a year not yet published; in Apia the day that never was.
ENTERED = [dt.date(2027, 1, 1), dt.date(2011, 12, 30)]


def rows(table):
    """The rows of a table, parameters of a test; what follows "#" is for the reader."""
    lines = (line.partition("#")[0].strip() for line in table.splitlines())
    return [pytest.param(*line.split("  "), id=line) for line in map(_columns, lines) if line]


def _columns(line):
    return "  ".join(column.strip() for column in line.split("  ") if column.strip())


# What is due -------------------------------------------------------------------------------------
#
# rule              zone       counted from               due
DUE = rows("""
  24 hours          shanghai   2026-11-22T15:30:00+08:00  2026-11-23T15:30:00+08:00
  24 hours          shanghai   2026-02-16T10:00:00+08:00  2026-02-17T10:00:00+08:00  # in a holiday
  24 hours          shanghai   2026-12-31T18:00:00+08:00  2027-01-01T18:00:00+08:00
  24 hours          shanghai   2026-12-31T23:59:59+08:00  2027-01-01T23:59:59+08:00
  24 hours          shanghai   2026-04-30T00:00:00+08:00  2026-05-01T00:00:00+08:00
  24 hours          shanghai   2028-02-28T18:00:00+08:00  2028-02-29T18:00:00+08:00
  24 hours          shanghai   2028-02-29T00:00:00+08:00  2028-03-01T00:00:00+08:00
  24 hours          new-york   2026-03-07T15:30:00-05:00  2026-03-08T16:30:00-04:00  # forward
  24 hours          new-york   2026-03-07T02:30:00-05:00  2026-03-08T03:30:00-04:00
  24 hours          new-york   2026-10-31T15:30:00-04:00  2026-11-01T14:30:00-05:00  # back
  24 hours          new-york   2026-10-31T01:30:00-04:00  2026-11-01T01:30:00-04:00  # first 01:30
  24 hours          new-york   2026-10-31T02:30:00-04:00  2026-11-01T01:30:00-05:00  # second 01:30
  24 hours          new-york   2026-11-01T01:30:00-04:00  2026-11-02T00:30:00-05:00
  24 hours          new-york   2026-11-01T01:30:00-05:00  2026-11-02T01:30:00-05:00
  24 hours          apia       2011-12-29T12:00:00-10:00  2011-12-31T12:00:00+14:00  # no 30th
  24 hours          apia       2026-11-22T10:00:00+13:00  2026-11-23T10:00:00+13:00

  day               shanghai   2026-11-23                 2026-11-23T23:59:59+08:00
  day               shanghai   2026-02-17                 2026-02-17T23:59:59+08:00  # stays
  day               shanghai   2026-04-30                 2026-04-30T23:59:59+08:00
  day               shanghai   2026-12-31                 2026-12-31T23:59:59+08:00
  day               shanghai   2028-02-29                 2028-02-29T23:59:59+08:00
  day               new-york   2026-03-07                 2026-03-07T23:59:59-05:00
  day               new-york   2026-03-08                 2026-03-08T23:59:59-04:00
  day               new-york   2026-10-31                 2026-10-31T23:59:59-04:00
  day               new-york   2026-11-01                 2026-11-01T23:59:59-05:00
  day               apia       2011-12-29                 2011-12-29T23:59:59-10:00
  day               apia       2011-12-30                 2011-12-29T23:59:59-10:00  # never was
  day               apia       2011-12-31                 2011-12-31T23:59:59+14:00
  day               apia       2026-11-23                 2026-11-23T23:59:59+13:00
  day               nuuk       2026-03-28                 2026-03-28T22:59:59-02:00  # 23:00 is 0:00
  day               sao-paulo  2018-02-17                 2018-02-17T23:59:59-03:00  # the second

  1 working day     shanghai   2026-02-13T10:00:00+08:00  2026-02-14T23:59:59+08:00  # make-up Sat.
  2 working days    shanghai   2026-02-13T10:00:00+08:00  2026-02-24T23:59:59+08:00
  1 working day     shanghai   2026-02-16T10:00:00+08:00  2026-02-24T23:59:59+08:00
  1 working day     shanghai   2026-02-27T23:59:59+08:00  2026-02-28T23:59:59+08:00  # make-up Sat.
  1 working day     shanghai   2026-02-28T00:00:00+08:00  2026-03-02T23:59:59+08:00
  1 working day     shanghai   2026-09-18T09:00:00+08:00  2026-09-20T23:59:59+08:00  # make-up Sun.
  2 working days    shanghai   2026-09-18T09:00:00+08:00  2026-09-21T23:59:59+08:00
  1 working day     shanghai   2026-09-24T09:00:00+08:00  2026-09-28T23:59:59+08:00  # mid-autumn
  1 working day     shanghai   2026-09-30T09:00:00+08:00  2026-10-08T23:59:59+08:00
  3 working days    shanghai   2026-09-30T09:00:00+08:00  2026-10-10T23:59:59+08:00  # make-up Sat.
  4 working days    shanghai   2026-09-30T09:00:00+08:00  2026-10-12T23:59:59+08:00
  3 working days    shanghai   2026-04-30T09:00:00+08:00  2026-05-08T23:59:59+08:00  # Labour Day
  4 working days    shanghai   2026-04-30T09:00:00+08:00  2026-05-09T23:59:59+08:00  # make-up Sat.
  5 working days    shanghai   2026-04-30T09:00:00+08:00  2026-05-11T23:59:59+08:00
  1 working day     shanghai   2026-12-31T18:00:00+08:00  2027-01-04T23:59:59+08:00
  1 working day     shanghai   2028-02-28T09:00:00+08:00  2028-02-29T23:59:59+08:00
  2 working days    shanghai   2028-02-28T09:00:00+08:00  2028-03-01T23:59:59+08:00
  1 working day     shanghai   2026-11-23T15:59:59+00:00  2026-11-24T23:59:59+08:00
  1 working day     shanghai   2026-11-23T16:00:00+00:00  2026-11-25T23:59:59+08:00  # the 24th
  1 working day     new-york   2026-03-06T15:00:00-05:00  2026-03-09T23:59:59-04:00
  1 working day     new-york   2026-10-30T15:00:00-04:00  2026-11-02T23:59:59-05:00
  1 working day     apia       2011-12-28T12:00:00-10:00  2011-12-29T23:59:59-10:00
  1 working day     apia       2011-12-29T12:00:00-10:00  2012-01-02T23:59:59+14:00
  1 working day     apia       2026-11-20T12:00:00+13:00  2026-11-23T23:59:59+13:00

  Monday noon       shanghai   2026-11-16                 2026-11-23T12:00:00+08:00
  Monday noon       shanghai   2026-12-21                 2026-12-28T12:00:00+08:00
  Monday noon       shanghai   2026-12-28                 2027-01-04T12:00:00+08:00  # week 53
  Monday noon       shanghai   2028-02-21                 2028-02-28T12:00:00+08:00
  Monday noon       shanghai   2028-02-28                 2028-03-06T12:00:00+08:00
  Monday noon       shanghai   2026-02-02                 2026-02-09T12:00:00+08:00
  Monday noon       shanghai   2026-02-09                 2026-02-24T12:00:00+08:00  # 16 February
  Monday noon       shanghai   2026-02-16                 2026-02-24T12:00:00+08:00  # 23 February
  Monday noon       shanghai   2026-02-23                 2026-03-02T12:00:00+08:00
  Monday noon       shanghai   2026-03-30                 2026-04-07T12:00:00+08:00  # Qingming
  Monday noon       shanghai   2026-04-27                 2026-05-06T12:00:00+08:00  # Labour Day
  Monday noon       shanghai   2026-09-28                 2026-10-08T12:00:00+08:00  # National Day
  Monday noon       shanghai   2026-10-05                 2026-10-12T12:00:00+08:00
  Monday noon       shanghai   2024-02-05                 2024-02-18T12:00:00+08:00  # make-up Sun.
  Monday noon       new-york   2026-02-23                 2026-03-02T12:00:00-05:00
  Monday noon       new-york   2026-03-02                 2026-03-09T12:00:00-04:00
  Monday noon       new-york   2026-10-19                 2026-10-26T12:00:00-04:00
  Monday noon       new-york   2026-10-26                 2026-11-02T12:00:00-05:00
  Monday noon       apia       2011-12-19                 2011-12-26T12:00:00-10:00
  Monday noon       apia       2011-12-26                 2012-01-02T12:00:00+14:00
  Monday noon       apia       2026-11-16                 2026-11-23T12:00:00+13:00

  Monday, no move   shanghai   2026-11-16                 2026-11-23T12:00:00+08:00
  Monday, no move   shanghai   2026-02-09                 2026-02-16T12:00:00+08:00
  Monday, no move   shanghai   2026-02-16                 2026-02-23T12:00:00+08:00
  Monday, no move   shanghai   2026-04-27                 2026-05-04T12:00:00+08:00
  Monday, no move   shanghai   2026-09-28                 2026-10-05T12:00:00+08:00

  week              shanghai   2026-11-16                 2026-11-22T23:59:59+08:00
  week              shanghai   2026-12-28                 2027-01-03T23:59:59+08:00
  week              shanghai   2026-02-16                 2026-02-22T23:59:59+08:00  # stays
  week              shanghai   2028-02-28                 2028-03-05T23:59:59+08:00
  week              new-york   2026-03-02                 2026-03-08T23:59:59-04:00
  week              new-york   2026-10-26                 2026-11-01T23:59:59-05:00
  week              apia       2011-12-26                 2012-01-01T23:59:59+14:00
  week              apia       2026-11-16                 2026-11-22T23:59:59+13:00
""")

# What is told ------------------------------------------------------------------------------------
#
# step              zone       due                        told
TOLD = rows("""
  -30m              shanghai   2026-11-23T12:00:00+08:00  2026-11-23T11:30:00+08:00
  0m                shanghai   2026-11-23T12:00:00+08:00  2026-11-23T12:00:00+08:00
  +45m              shanghai   2026-12-31T23:30:00+08:00  2027-01-01T00:15:00+08:00
  -60m              new-york   2026-11-01T01:30:00-05:00  2026-11-01T01:30:00-04:00
  +30m              new-york   2026-03-08T01:45:00-05:00  2026-03-08T03:15:00-04:00
  -1m               apia       2011-12-31T00:00:00+14:00  2011-12-29T23:59:00-10:00

  -4h               shanghai   2028-03-01T02:00:00+08:00  2028-02-29T22:00:00+08:00
  +24h              shanghai   2026-12-31T23:59:59+08:00  2027-01-01T23:59:59+08:00
  0h                shanghai   2026-03-01T00:00:00+08:00  2026-03-01T00:00:00+08:00
  -4h               new-york   2026-03-08T04:00:00-04:00  2026-03-07T23:00:00-05:00
  +4h               new-york   2026-11-01T00:30:00-04:00  2026-11-01T03:30:00-05:00
  +24h              new-york   2026-03-07T15:30:00-05:00  2026-03-08T16:30:00-04:00
  +4h               apia       2011-12-29T22:00:00-10:00  2011-12-31T02:00:00+14:00

  0d                shanghai   2026-11-23T23:59:59+08:00  2026-11-23T23:59:59+08:00
  -1d               shanghai   2026-03-01T12:00:00+08:00  2026-02-28T12:00:00+08:00
  -1d               shanghai   2028-03-01T12:00:00+08:00  2028-02-29T12:00:00+08:00
  +1d               shanghai   2028-02-28T23:59:59+08:00  2028-02-29T23:59:59+08:00
  -1d               new-york   2026-03-08T16:30:00-04:00  2026-03-07T16:30:00-05:00
  +1d               new-york   2026-03-07T02:30:00-05:00  2026-03-08T03:30:00-04:00  # in the gap
  +1d               new-york   2026-10-31T12:00:00-04:00  2026-11-01T12:00:00-05:00
  +1d               new-york   2026-10-31T01:30:00-04:00  2026-11-01T01:30:00-04:00  # the first
  0d                new-york   2026-11-01T01:30:00-05:00  2026-11-01T01:30:00-05:00  # the second
  +1d               apia       2011-12-29T12:00:00-10:00  2011-12-31T12:00:00+14:00
  -1d               apia       2026-11-23T12:00:00+13:00  2026-11-22T12:00:00+13:00

  0d@09:00          shanghai   2026-11-23T23:59:59+08:00  2026-11-23T09:00:00+08:00
  0d@00:00          shanghai   2026-11-23T23:59:59+08:00  2026-11-23T00:00:00+08:00
  +1d@00:00         shanghai   2026-11-30T23:59:59+08:00  2026-12-01T00:00:00+08:00
  +1d@09:00         shanghai   2026-12-31T23:59:59+08:00  2027-01-01T09:00:00+08:00  # a holiday
  -1d@16:00         shanghai   2028-03-01T12:00:00+08:00  2028-02-29T16:00:00+08:00
  -2d@16:00         shanghai   2026-11-22T23:59:59+08:00  2026-11-20T16:00:00+08:00
  0d@02:30          new-york   2026-03-08T23:59:59-04:00  2026-03-08T03:30:00-04:00  # in the gap
  +1d@02:30         new-york   2026-03-07T12:00:00-05:00  2026-03-08T03:30:00-04:00
  +1d@01:30         new-york   2026-10-31T12:00:00-04:00  2026-11-01T01:30:00-04:00  # the first
  0d@01:30          new-york   2026-11-01T23:59:59-05:00  2026-11-01T01:30:00-04:00
  -1d@09:00         new-york   2026-11-02T12:00:00-05:00  2026-11-01T09:00:00-05:00
  +1d@09:00         apia       2011-12-29T12:00:00-10:00  2011-12-31T09:00:00+14:00  # no 30th
  -1d@09:00         apia       2012-01-01T23:59:59+14:00  2011-12-31T09:00:00+14:00
  +1d@09:00         apia       2026-11-22T23:59:59+13:00  2026-11-23T09:00:00+13:00

  0w                shanghai   2026-10-03T23:59:59+08:00  2026-10-03T23:59:59+08:00  # day itself
  -1w               shanghai   2026-10-08T12:00:00+08:00  2026-09-30T12:00:00+08:00
  +1w               shanghai   2026-02-14T10:00:00+08:00  2026-02-24T10:00:00+08:00
  +1w               new-york   2026-03-06T15:00:00-05:00  2026-03-09T15:00:00-04:00
  -1w               new-york   2026-11-02T12:00:00-05:00  2026-10-30T12:00:00-04:00
  -1w               apia       2012-01-02T12:00:00+14:00  2011-12-29T12:00:00-10:00

  0w@09:00          shanghai   2026-10-03T23:59:59+08:00  2026-10-03T09:00:00+08:00
  -1w@16:00         shanghai   2026-11-23T12:00:00+08:00  2026-11-20T16:00:00+08:00  # Friday
  -1w@16:00         shanghai   2026-02-24T12:00:00+08:00  2026-02-14T16:00:00+08:00  # make-up Sat.
  -1w@16:00         shanghai   2026-09-21T12:00:00+08:00  2026-09-20T16:00:00+08:00  # make-up Sun.
  -1w@16:00         shanghai   2026-10-08T12:00:00+08:00  2026-09-30T16:00:00+08:00
  +1w@09:00         shanghai   2026-02-13T23:59:59+08:00  2026-02-14T09:00:00+08:00
  +2w@09:00         shanghai   2026-02-13T23:59:59+08:00  2026-02-24T09:00:00+08:00
  +5w@09:00         shanghai   2026-04-30T23:59:59+08:00  2026-05-11T09:00:00+08:00
  +1w@09:00         shanghai   2026-12-31T23:59:59+08:00  2027-01-04T09:00:00+08:00
  -2w@09:00         shanghai   2028-03-01T23:59:59+08:00  2028-02-28T09:00:00+08:00
  +1w@09:00         new-york   2026-03-06T23:59:59-05:00  2026-03-09T09:00:00-04:00
  -1w@16:00         new-york   2026-11-02T12:00:00-05:00  2026-10-30T16:00:00-04:00
  +1w@09:00         apia       2011-12-29T23:59:59-10:00  2012-01-02T09:00:00+14:00
  -1w@16:00         apia       2026-11-23T12:00:00+13:00  2026-11-20T16:00:00+13:00
""")


def moment(text):
    return dt.datetime.fromisoformat(text)


def on_the_wall(text, terms):
    """The same moment as the clock of the zone carries it: arithmetic on it would be wrong."""
    return moment(text).astimezone(terms.zone)


def day(text):
    return dt.date.fromisoformat(text)


RULES = {
    "24 hours": (Rule.HOURS, lambda terms, since: terms.hours(24, on_the_wall(since, terms))),
    "day": (Rule.DAY, lambda terms, since: terms.end_of_day(day(since))),
    "Monday noon": (Rule.MONDAY_NOON, lambda terms, since: terms.monday_noon(day(since))),
    "Monday, no move": (Rule.MONDAY_NOON, lambda terms, since: terms.monday_noon(day(since))),
    "week": (Rule.WEEK, lambda terms, since: terms.end_of_week(day(since))),
}
WORKING_DAYS = (
    Rule.WORKING_DAYS,
    lambda terms, since: terms.working_days("test", moment(since)),
)


@pytest.fixture
def live_in(db):
    """`live_in(zone)`: an organisation with one department and one person, in that zone."""
    CalendarDay.objects.bulk_create(
        CalendarDay(date=date, is_working=False)
        for date in ENTERED
        if not CalendarDay.objects.filter(date=date).exists()
    )

    def _live_in(zone, **extra):
        Organisation.objects.create(pk=1, name="示例公司", time_zone=ZONES[zone], **extra)
        person = User.objects.create(username="专员C", name="专员C", email="c@example.com")
        sales = Department.objects.create(name="销售部", short_name="销售")
        Membership.objects.create(user=person, department=sales, is_main=True)
        return person

    return _live_in


@pytest.fixture
def open_for(kind, debts, monkeypatch):
    """`open_for(person, due, step, opened_at)`: a deadline due by `due(terms)`, of one step."""

    def _open_for(person, due, step, opened_at, within=None):
        subject = person.main_department
        debts[subject.pk] = debt(person)

        def owed(subject, terms):
            return [dataclasses.replace(debts[subject.pk], due=due(terms))]

        own = {"owed": owed, "ladder": kinds.ladder(f"{step} owner"), "within": within}
        monkeypatch.setitem(kinds._kinds, "test", dataclasses.replace(kind, **own))
        keep_duties(subject, now=opened_at)
        return Deadline.objects.get(kind="test")

    return _open_for


def told_at(*ticks):
    """How many reminders there are after a sweep at each of these moments."""
    counts = []
    for now in ticks:
        sweep(now)
        counts.append(Reminder.objects.count())
    return counts


@pytest.mark.parametrize(("rule", "zone", "since", "due"), DUE)
def test_due_to_the_second(live_in, open_for, rule, zone, since, due):
    name, compute = RULES.get(rule, WORKING_DAYS)
    within = int(rule.split()[0]) if name == Rule.WORKING_DAYS else None
    person = live_in(zone, monday_moves=rule != "Monday, no move")
    expected = moment(due)
    deadline = open_for(
        person, lambda terms: compute(terms, since), "0m", expected - DAY, within=within
    )
    assert deadline.due_at.astimezone(Organisation.current().zone).isoformat() == due
    assert deadline.rule == name
    assert told_at(expected - SECOND, expected, expected + SECOND, expected + DAY) == [0, 1, 1, 1]
    late = [late_by(deadline.due_at, expected + n * SECOND) for n in (-1, 0, 1)]
    assert late == [None, None, SECOND]
    overdue = [Deadline.objects.overdue(expected + n * SECOND).exists() for n in (-1, 0, 1)]
    assert overdue == [False, False, True]


@pytest.mark.parametrize(("step", "zone", "due", "told"), TOLD)
def test_told_to_the_second(live_in, open_for, step, zone, due, told):
    expected = moment(told)
    earliest = min(expected, moment(due)) - 30 * DAY
    open_for(live_in(zone), lambda terms: terms.hours(0, moment(due)), step, earliest)
    # An hour later a clock that was set back shows the same again.
    ticks = [expected - SECOND, expected, expected + SECOND, expected + HOUR, expected + DAY]
    assert told_at(earliest, *ticks) == [0, 0, 1, 1, 1, 1]
    reminder = Reminder.objects.get()
    zone = Organisation.current().zone
    assert (reminder.step, reminder.moment.astimezone(zone).isoformat()) == (step, told)
    assert Message.objects.get().created_at == expected
