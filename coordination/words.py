"""Small phrases that every language puts together in its own way."""

import datetime as dt
from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext


def pair(label, value) -> str:
    """A label and its value with a colon between them: "Due: 31 Oct"."""
    return _("%(left)s: %(right)s") % {"left": label, "right": value}


def listing(items: Iterable) -> str:
    """The items in one line: "a, b"."""
    return pgettext("between the items of an enumeration", ", ").join(str(i) for i in items)


def duration(length: dt.timedelta) -> str:
    """A length of time in its two largest units: "1 day 3 hours"; a minute at the least."""
    hours, minutes = divmod(max(int(length.total_seconds() // 60), 1), 60)
    days, hours = divmod(hours, 24)
    units = [
        (days, ngettext("%d day", "%d days", days)),
        (hours, ngettext("%d hour", "%d hours", hours)),
        (minutes, ngettext("%d minute", "%d minutes", minutes)),
    ]
    first = next(index for index, (count, _unit) in enumerate(units) if count)
    return " ".join(unit % count for count, unit in units[first : first + 2] if count)


def day_in_words(iso: str) -> str:
    """A day as people read it, of how it is stored."""
    return date_format(dt.date.fromisoformat(iso), "DATE_FORMAT")
