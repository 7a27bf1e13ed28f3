"""The hours in which a person is left alone."""

import datetime as dt


def quiet_until(person, now: dt.datetime, zone) -> dt.datetime | None:
    """The end of the quiet hours that `now` lies in ([from, until)); None outside of them."""
    if person.quiet_from is None:
        return None
    local = now.astimezone(zone)
    for days in (-1, 0):
        day = local.date() + dt.timedelta(days=days)
        starts = dt.datetime.combine(day, person.quiet_from, zone)
        over_midnight = person.quiet_until <= person.quiet_from
        ends = dt.datetime.combine(
            day + dt.timedelta(days=int(over_midnight)), person.quiet_until, zone
        )
        if starts.astimezone(dt.UTC) <= now < ends.astimezone(dt.UTC):
            return ends.astimezone(dt.UTC)
    return None
