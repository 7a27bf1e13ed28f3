"""How a due moment was computed, in words for the reader's language and zone."""

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deadlines.models import Deadline
from deadlines.policies import Rule


def how_computed(deadline: Deadline) -> str:
    """For example "24 hours after 5 October 2024, 15:30"; empty for rows of before it was kept."""
    words = WORDS.get(deadline.rule)
    return words(deadline) if words else ""


def _hours(deadline):
    text = ngettext("%(n)d hour after %(since)s", "%(n)d hours after %(since)s", deadline.within)
    return text % {"n": deadline.within, "since": _moment(deadline.since)}


def _day(deadline):
    return _("the last second of %(day)s") % {"day": _date(deadline.due_at)}


def _working_days(deadline):
    text = ngettext(
        "the end of the next working day after %(since)s",
        "the end of working day %(n)d after %(since)s",
        deadline.within,
    )
    return text % {"n": deadline.within, "since": _date(deadline.since)}


def _monday_noon(deadline):
    if deadline.due_at == deadline.since:
        return _("12:00 on the Monday after the week")
    text = _("12:00 on the next working day: Monday %(monday)s is a public holiday")
    return text % {"monday": _date(deadline.since)}


def _week(deadline):
    return _("the end of the week, Sunday %(day)s") % {"day": _date(deadline.due_at)}


WORDS = {
    Rule.HOURS: _hours,
    Rule.DAY: _day,
    Rule.WORKING_DAYS: _working_days,
    Rule.MONDAY_NOON: _monday_noon,
    Rule.WEEK: _week,
}


def _moment(value) -> str:
    return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")


def _date(value) -> str:
    return formats.date_format(timezone.localtime(value), "DATE_FORMAT")
