"""Where a communication stands now, and how long something took, in words."""

import datetime as dt

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def state_at(communication, now):
    """The state at a moment: a scheduled one that has ended is shown as "log due"."""
    return communication.state_at(now)


@register.filter
def span(duration: dt.timedelta) -> str:
    """A duration in its two largest units: "3 h 20 min"; nothing under a second is lost to 0."""
    days, rest = divmod(max(int(duration.total_seconds()), 1), 24 * 60 * 60)
    hours, rest = divmod(rest, 60 * 60)
    minutes, seconds = divmod(rest, 60)
    units = [
        (days, _("%d d")),
        (hours, _("%d h")),
        (minutes, _("%d min")),
        (seconds, _("%d s")),
    ]
    first = next(index for index, (count, _words) in enumerate(units) if count)
    return " ".join(words % count for count, words in units[first : first + 2] if count)
