"""Shows history entries in words: what happened, and each change with its field's name."""

from dataclasses import dataclass

from django import template
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.formats import date_format, time_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from coordination.history_words import ACTIONS, ROWS, VALUES

register = template.Library()


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@register.filter
def what_happened(event) -> str:
    """What was done to what, in the reader's language; an unknown act as it is stored."""
    return _act(event).format(subject=event.subject_label)


@register.filter
def what_happened_marked(event) -> str:
    """The same with what it was done to marked up."""
    subject = format_html('<span class="timeline__subject">{}</span>', event.subject_label)
    return format_html(_act(event), subject=subject)


@register.filter
def what_happened_at(event, place: str) -> str:
    """The same with what it was done to leading to its page."""
    link = '<a class="timeline__subject" href="{}">{}</a>'
    return format_html(_act(event), subject=format_html(link, place, event.subject_label))


def _act(event) -> str:
    return str(ACTIONS.get(event.action, event.action + " {subject}"))


@register.filter
def changes(event) -> list[Change]:
    """The changes of an entry, with labels and values as people read them."""
    found = [
        Change(_label(event, field), _words(event, field, old), _words(event, field, new))
        for field, (old, new) in event.changes.items()
        if not _is_clockwork(event, field)
    ]
    return [change for change in found if change.old != change.new]


def _field(event, name):
    try:
        return apps.get_model(event.subject_type)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return None


def _is_clockwork(event, name) -> bool:
    """Who and when stand at the head of the entry already."""
    return name.endswith(("_at", "_by")) and name not in ("ends_at", "starts_at", "occurred_at")


def _label(event, name) -> str:
    if name in ROWS:
        return str(ROWS[name])
    field = _field(event, name)
    return str(getattr(field, "verbose_name", name))


def _words(event, name, value) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "\n".join(_words(event, name, item) for item in value)
    if words := VALUES.get((event.subject_type, name)):
        return words(value)
    choices = dict(getattr(_field(event, name), "choices", None) or [])
    if value in choices:
        return str(choices[value])
    return _moment(event, name, value) if isinstance(value, str) else str(value)


def _moment(event, name, value) -> str:
    kind = getattr(_field(event, name), "get_internal_type", str)()
    if kind == "DateTimeField" and (moment := parse_datetime(value)):
        return date_format(localtime(moment), "DATETIME_FORMAT")
    if kind == "DateField" and (day := parse_date(value)):
        return date_format(day, "DATE_FORMAT")
    if kind == "TimeField" and (time := parse_time(value)):
        return time_format(time, "TIME_FORMAT")
    return value
