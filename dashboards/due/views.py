"""One address for the calendar: a month as weeks or as a list, a day, or all that is late."""

import datetime as dt

from django.utils import timezone
from django.views.generic import TemplateView

from coordination.forms import WithinReach
from dashboards.due.asked import Asked, Scope, State
from dashboards.due.month import month_of
from dashboards.due.rows import LISTED, find, listed
from deadlines.calendar.months import HEADS

KEPT = ("scope", "task", "month", "day", "overdue", "view")
"""Of the address, when the form narrows it further."""


class DuePage(TemplateView):
    """The month it is now, when none is named."""

    template_name = "dashboards/due.html"

    def get_context_data(self, **kwargs):
        asked = Asked.of(self.request, timezone.now())
        found = find(asked)
        is_list = asked.is_overdue or asked.is_day or self.request.GET.get("view") == "list"
        shown = _list(found, asked) if is_list else {"weeks": month_of(found, asked)}
        return super().get_context_data(
            nav="home",
            asked=asked,
            found=found,
            is_list=is_list,
            scopes=_scopes(asked.user),
            states=State,
            heads=HEADS,
            kept={name: self.request.GET[name] for name in KEPT if name in self.request.GET},
            earlier=_reachable(_beside(asked, -1)),
            later=_reachable(_beside(asked, 1)),
            now=asked.now,
            **shown,
            **kwargs,
        )


def _list(found, asked) -> dict:
    return {"duties": listed(found.rows, asked), "beyond": max(len(found.rows) - LISTED, 0)}


def _scopes(user) -> list[Scope]:
    """Those that can hold anything."""
    return [s for s in Scope if s != Scope.DEPARTMENTS or user.standing.reach]


def _beside(asked, step) -> dt.date:
    """The day, or the first day of the month, before or after the one that is shown."""
    if asked.is_day:
        return asked.first + step * dt.timedelta(days=1)
    inside = asked.month - dt.timedelta(days=1) if step < 0 else asked.month + dt.timedelta(days=31)
    return inside.replace(day=1)


def _reachable(day: dt.date) -> dt.date | None:
    return day if WithinReach.holds(day.year) else None
