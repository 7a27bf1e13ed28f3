"""Small phrases that every language puts together in its own way."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def pair(label, value) -> str:
    """A label and its value with a colon between them: "Due: 31 Oct"."""
    return _("%(left)s: %(right)s") % {"left": label, "right": value}


def listing(items: Iterable) -> str:
    """The items in one line: "a, b"."""
    return pgettext("between the items of an enumeration", ", ").join(str(i) for i in items)


def duration(length: dt.timedelta) -> str:
    """A length of time in its two largest units: "1 day, 3 hours"; a minute at the least."""
    now = timezone.now()
    return timesince(now - max(length, dt.timedelta(minutes=1)), now)
