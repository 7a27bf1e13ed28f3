"""Quiet hours: wall-clock times between which a person wants no reminders."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator
from zoneinfo import ZoneInfo

DAY = dt.timedelta(days=1)


def quiet_until(person, now: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """The end, in UTC, of the person's quiet hours that `now` lies in; None outside of them.

    The hours are half-open, [quiet_from, quiet_until), on the zone's clock, over midnight when
    they end before they begin. They end when the clock next shows `quiet_until`, or at the first
    moment after the clock was set forward over it.
    """
    local = now.astimezone(zone)
    if not _between(local.time(), person.quiet_from, person.quiet_until):
        return None
    days = (local.date() + DAY * number for number in range(3))
    ends = (end for day in days for end in _moments(day, person.quiet_until, zone))
    return min(end for end in ends if end > now)


def _between(time, begin, end) -> bool:
    if begin is None:
        return False
    if begin < end:
        return begin <= time < end
    return time >= begin or time < end


def _moments(day, time, zone) -> Iterator[dt.datetime]:
    """When the clock shows the time on a day: once, or twice where it is set back.

    Where it is set forward over the time: the first moment after. A day that a zone left out
    (Apia, 30 December 2011) has none.
    """
    wall = dt.datetime.combine(day, time)
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() >= second.utcoffset():
        yield first.astimezone(dt.UTC)
        yield second.astimezone(dt.UTC)
    elif second.utcoffset() - first.utcoffset() < DAY:
        yield _first_after(wall, zone, second.timestamp(), first.timestamp())


def _first_after(wall, zone, low, high) -> dt.datetime:
    """The first moment between two, in seconds, whose clock shows no less than `wall`."""
    seconds = range(int(low), int(high) + 1)
    shown = bisect_left(
        seconds, wall, key=lambda s: dt.datetime.fromtimestamp(s, zone).replace(tzinfo=None)
    )
    return dt.datetime.fromtimestamp(seconds[shown], dt.UTC)
