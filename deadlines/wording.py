"""When something is due and when people are told, in words for the reader's language and zone."""

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from coordination.words import listing
from deadlines.models import Deadline, Role
from deadlines.policies import Rule, Step


def how_computed(deadline: Deadline) -> str:
    """For example "24 hours after 5 October 2024, 15:30"; empty for rows of before it was kept."""
    words = WORDS.get(deadline.rule)
    return words(deadline) if words else ""


def when_told(step: Step) -> str:
    """For example "4 hours before", "when it is due", "1 working day after, at 09:00"."""
    text = _distance(step)
    if step.at is None:
        return text
    return _("%(when)s, at %(time)s") % {"when": text, "time": f"{step.at:%H:%M}"}


def who_is_told(step: Step) -> str:
    """For example "responsible person and head"."""
    return listing([str(Role(role).label) for role in step.roles])


def line_in_words(line: str) -> str:
    """A step as settings and the history keep it ("+4h owner head"), as people read it."""
    step = Step.parse(*line.split())
    return _("%(when)s: %(people)s") % {"when": when_told(step), "people": who_is_told(step)}


def _distance(step):
    if not step.amount:
        return str(_("on the day itself") if step.at else _("when it is due"))
    before, after = DISTANCES[step.unit]
    n = abs(step.amount)
    return (before if step.amount < 0 else after) % {"n": n}


DISTANCES = {
    "m": (
        ngettext_lazy("%(n)d minute before", "%(n)d minutes before", "n"),
        ngettext_lazy("%(n)d minute after", "%(n)d minutes after", "n"),
    ),
    "h": (
        ngettext_lazy("%(n)d hour before", "%(n)d hours before", "n"),
        ngettext_lazy("%(n)d hour after", "%(n)d hours after", "n"),
    ),
    "d": (
        ngettext_lazy("%(n)d day before", "%(n)d days before", "n"),
        ngettext_lazy("%(n)d day after", "%(n)d days after", "n"),
    ),
    "w": (
        ngettext_lazy("%(n)d working day before", "%(n)d working days before", "n"),
        ngettext_lazy("%(n)d working day after", "%(n)d working days after", "n"),
    ),
}


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
