"""Template words that every page may use (built in; no load needed)."""

import uuid

from django import template
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from coordination.markup import formatted
from coordination.words import duration, listing, pair

register = template.Library()
for phrase in (duration, formatted, listing, pair):
    register.filter(phrase)


@register.simple_tag(takes_context=True)
def form_keys(context):
    """The hidden fields of every POST form: CSRF token and the key that makes it act once.

    A refused form gives its key back (audit.once); the page that shows it again brings a new one.
    """
    request = context["request"]
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="once" value="{}">',
        get_token(request),
        uuid.uuid4(),
    )


@register.simple_tag(takes_context=True)
def query_with(context, **changes):
    """The page's query string with some parameters replaced; an empty value removes one."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = value
    return "?" + urlencode(query, doseq=True) if query else "?"


@register.filter
def get(mapping, key):
    """`mapping[key]` with a key that is only known in the template; None when absent."""
    return mapping.get(key)


@register.filter
def amount(number) -> str:
    """A decimal as people write it: grouped, with the decimals it has and no zeros after them."""
    return number_format(format(number.normalize(), "f"), force_grouping=True)


LOOKS = {
    "badge-done": {
        "archived",
        "accepted",
        "delivered",
        "done",
        "closed",
        "logged",
        "solved",
        "sent",
        "on_track",
    },
    "badge-late": {"declined", "unsolved", "failed", "off_track"},
    "badge-due-soon": {"commented", "rescheduled", "to_log", "answered", "cross", "at_risk"},
    "badge-current": {"consultation", "assignment", "execution", "review", "solving"},
    "badge-draft": {"draft"},
    "badge-cancelled": {"cancelled"},
}


@register.filter
def badge(state: str) -> str:
    """The class of the badge that shows a state; the words beside it say what it means."""
    return next((look for look, states in LOOKS.items() if state in states), "badge-open")


@register.simple_tag(takes_context=True)
def time_left(context, moment):
    """How long until a moment, or since it, in the two largest units: "2 days left"."""
    now = context.get("now") or timezone.now()
    if moment >= now:
        return _("%(time)s left") % {"time": duration(moment - now)}
    return _("%(time)s late") % {"time": duration(now - moment)}
