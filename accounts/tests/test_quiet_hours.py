"""When a person's quiet hours end: by the organisation's clock, whatever is done to that clock."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from accounts.models import User
from accounts.quiet import quiet_until

SHANGHAI, NEW_YORK, APIA = map(ZoneInfo, ("Asia/Shanghai", "America/New_York", "Pacific/Apia"))
MINUTE = dt.timedelta(minutes=1)


def time(text):
    return dt.time.fromisoformat(text)


def quiet(hours):
    begin, end = hours.split("-")
    return User(quiet_from=time(begin), quiet_until=time(end))


def moment(text, zone, fold=0):
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold)


def end(hours, now, zone=SHANGHAI, fold=0):
    """As the clock shows it: "10-02 07:00 +0800"; "" outside of the quiet hours."""
    found = quiet_until(quiet(hours), moment(now, zone, fold), zone)
    if found is None:
        return ""
    assert found.tzinfo is dt.UTC
    return found.astimezone(zone).strftime("%m-%d %H:%M %z")


def test_without_quiet_hours_nothing_waits():
    assert quiet_until(User(), moment("2024-10-01 03:00", SHANGHAI), SHANGHAI) is None


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2024-10-01 21:59:59", ""),
        ("2024-10-01 22:00:00", "10-02 07:00 +0800"),
        ("2024-10-01 23:59:59", "10-02 07:00 +0800"),
        ("2024-10-02 00:00:00", "10-02 07:00 +0800"),
        ("2024-10-02 06:59:59", "10-02 07:00 +0800"),
        ("2024-10-02 07:00:00", ""),
        ("2024-12-31 22:30:00", "01-01 07:00 +0800"),
        ("2024-02-28 22:30:00", "02-29 07:00 +0800"),
    ],
)
def test_over_midnight(now, ends):
    assert end("22:00-07:00", now) == ends


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2024-10-01 11:59:59", ""),
        ("2024-10-01 12:00:00", "10-01 13:30 +0800"),
        ("2024-10-01 13:29:59", "10-01 13:30 +0800"),
        ("2024-10-01 13:30:00", ""),
    ],
)
def test_within_a_day(now, ends):
    assert end("12:00-13:30", now) == ends


def test_until_midnight_and_from_midnight():
    assert end("22:00-00:00", "2024-10-01 23:00") == "10-02 00:00 +0800"
    assert end("22:00-00:00", "2024-10-02 00:00") == ""
    assert end("00:00-07:00", "2024-10-02 00:00") == "10-02 07:00 +0800"


@pytest.mark.parametrize(
    ("hours", "now", "fold", "ends"),
    [
        # 10 March 2024: after 01:59:59 comes 03:00.
        ("22:00-07:00", "2024-03-09 23:00", 0, "03-10 07:00 -0400"),
        ("22:00-02:30", "2024-03-10 01:00", 0, "03-10 03:00 -0400"),
        ("22:00-02:30", "2024-03-10 03:00", 0, ""),
        ("02:15-02:45", "2024-03-10 03:00", 0, ""),
        ("02:15-03:45", "2024-03-10 03:00", 0, "03-10 03:45 -0400"),
        # 3 November 2024: after 01:59:59 it is 01:00 once more.
        ("22:00-07:00", "2024-11-02 23:00", 0, "11-03 07:00 -0500"),
        ("22:00-01:30", "2024-11-03 00:30", 0, "11-03 01:30 -0400"),
        ("22:00-01:30", "2024-11-03 01:30", 0, ""),
        ("22:00-01:30", "2024-11-03 01:10", 1, "11-03 01:30 -0500"),
        ("01:45-01:15", "2024-11-03 01:50", 0, "11-03 01:15 -0500"),
    ],
)
def test_when_the_clock_is_changed_in_new_york(hours, now, fold, ends):
    assert end(hours, now, NEW_YORK, fold) == ends


def test_the_day_that_apia_left_out():
    """After 29 December 2011 came the 31st: the night was as long as any other."""
    assert end("22:00-07:00", "2011-12-29 23:00", APIA) == "12-31 07:00 +1400"
    assert end("22:00-07:00", "2011-12-31 06:00", APIA) == "12-31 07:00 +1400"
    now = moment("2011-12-29 23:00", APIA)
    assert quiet_until(quiet("22:00-07:00"), now, APIA) - now == dt.timedelta(hours=8)


times = st.integers(0, 24 * 60 - 1).map(lambda minutes: dt.time(*divmod(minutes, 60)))


# Zones are read from files: slow on a machine that is busy with other tests.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    begin=times,
    end=times,
    now=st.integers(946684800, 2840140800).map(lambda s: dt.datetime.fromtimestamp(s, dt.UTC)),
    zone=st.timezones(),
)
@example(time("22:00"), time("02:30"), dt.datetime(2024, 3, 10, 6, tzinfo=dt.UTC), NEW_YORK)
@example(time("22:00"), time("01:30"), dt.datetime(2024, 11, 3, 6, 10, tzinfo=dt.UTC), NEW_YORK)
@example(time("07:00"), time("06:59"), dt.datetime(2011, 12, 29, 18, tzinfo=dt.UTC), APIA)
def test_wherever_and_whenever(begin, end, now, zone):
    assume(begin != end)
    found = quiet_until(User(quiet_from=begin, quiet_until=end), now, zone)
    shown = now.astimezone(zone).time()
    inside = begin <= shown < end if begin <= end else not end <= shown < begin
    assert (found is not None) == inside
    if found is None:
        return
    # A day has 25 hours where the clock is set back; 26 in Antarctica/Troll, by two hours.
    assert now < found <= now + dt.timedelta(hours=26)
    if found.astimezone(zone).time() != end:
        assert stepped_over(found, end, zone)


def stepped_over(moment, time, zone):
    """Whether the clock was set forward over a time at this very moment."""
    after, before = (m.astimezone(zone) for m in (moment, moment - dt.timedelta(seconds=1)))
    jump = after.replace(tzinfo=None) - before.replace(tzinfo=None)
    wanted = [dt.datetime.combine(shown.date(), time) for shown in (before, after)]
    return jump > MINUTE and any(before.replace(tzinfo=None) < w for w in wanted)
