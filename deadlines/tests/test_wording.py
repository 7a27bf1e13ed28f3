"""Everything due says how its moment was computed, in the organisation's zone."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from accounts.models import Organisation
from deadlines.models import Deadline, Ladder
from deadlines.policies import Step
from deadlines.terms import Terms
from deadlines.wording import how_computed, when_told

SHANGHAI, NEW_YORK, APIA = "Asia/Shanghai", "America/New_York", "Pacific/Apia"
NOW = dt.datetime(2026, 9, 30, 1, tzinfo=dt.UTC)


def said(due, zone):
    deadline = Deadline(due_at=due.at, rule=due.rule, since=due.since, within=due.within)
    with translation.override("en"), timezone.override(ZoneInfo(zone)):
        return how_computed(deadline)


def day(text):
    return dt.date.fromisoformat(text)


def hours(count, since):
    return lambda terms: terms.hours(count, dt.datetime.fromisoformat(since))


def working_days(count, since):
    """By a kind of duty for which administrators set so many."""

    def due(terms):
        Ladder.objects.create(kind="answer", within=count)
        return terms.working_days("answer", dt.datetime.fromisoformat(since))

    return due


def end_of_day(text):
    return lambda terms: terms.end_of_day(day(text))


def monday_noon(week):
    return lambda terms: terms.monday_noon(day(week))


def end_of_week(week):
    return lambda terms: terms.end_of_week(day(week))


ON_MONDAY = "12:00 on the Monday after the week"
MOVED = "12:00 on the next working day: Monday %s is a public holiday"


@pytest.mark.parametrize(
    ("due", "zone", "words"),
    [
        (hours(24, "2026-10-05T14:00+08:00"), SHANGHAI, "24 hours after 5 Oct 2026, 14:00"),
        (hours(24, "2026-10-05T14:00+08:00"), NEW_YORK, "24 hours after 5 Oct 2026, 02:00"),
        (hours(24, "2026-10-05T14:00+08:00"), APIA, "24 hours after 5 Oct 2026, 19:00"),
        (hours(1, "2028-02-29T23:59+08:00"), SHANGHAI, "1 hour after 29 Feb 2028, 23:59"),
        (end_of_day("2026-12-31"), SHANGHAI, "the last second of 31 Dec 2026"),
        (end_of_day("2026-12-31"), NEW_YORK, "the last second of 31 Dec 2026"),
        (end_of_day("2028-02-29"), APIA, "the last second of 29 Feb 2028"),
        (
            working_days(2, "2026-09-30T09:00+08:00"),
            SHANGHAI,
            "the end of working day 2 after 30 Sep 2026",
        ),
        (
            working_days(2, "2026-09-30T09:00+08:00"),
            NEW_YORK,
            "the end of working day 2 after 29 Sep 2026",
        ),
        (
            working_days(1, "2026-09-30T09:00+08:00"),
            SHANGHAI,
            "the end of the next working day after 30 Sep 2026",
        ),
        (monday_noon("2026-11-16"), SHANGHAI, ON_MONDAY),
        (monday_noon("2026-10-26"), NEW_YORK, ON_MONDAY),
        (monday_noon("2026-09-28"), SHANGHAI, MOVED % "5 Oct 2026"),
        (monday_noon("2026-09-28"), APIA, MOVED % "5 Oct 2026"),
        (monday_noon("2026-02-09"), NEW_YORK, MOVED % "16 Feb 2026"),
        (end_of_week("2026-12-28"), SHANGHAI, "the end of the week, Sunday 3 Jan 2027"),
        (end_of_week("2026-12-28"), NEW_YORK, "the end of the week, Sunday 3 Jan 2027"),
        (end_of_week("2026-10-26"), APIA, "the end of the week, Sunday 1 Nov 2026"),
    ],
)
def test_how_it_was_computed(db, due, zone, words):
    Organisation.objects.create(pk=1, name="示例公司", time_zone=zone)
    assert said(due(Terms.current(NOW)), zone) == words


def test_a_row_of_before_it_was_kept_says_nothing():
    assert how_computed(Deadline(due_at=NOW)) == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("-30m", "30 minutes before"),
        ("+1m", "1 minute after"),
        ("0m", "when it is due"),
        ("-4h", "4 hours before"),
        ("+1h", "1 hour after"),
        ("-1d", "1 day before"),
        ("0d@09:00", "on the day itself, at 09:00"),
        ("+2d@16:00", "2 days after, at 16:00"),
        ("-2w@09:00", "2 working days before, at 09:00"),
        ("+1w", "1 working day after"),
    ],
)
def test_when_a_step_is_told(code, words):
    with translation.override("en"):
        assert when_told(Step.parse(code, "owner")) == words
