"""The first page after signing in: what I owe, and by when; then what waits for me."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from dashboards.waiting import waiting_for
from deadlines import kinds
from deadlines.calendar import years_without_data
from deadlines.models import Deadline
from deadlines.permissions import CALENDAR

AT_MOST = 100


class HomePage(TemplateView):
    template_name = "dashboards/home.html"

    def get_context_data(self, **kwargs):
        now = timezone.now()
        owed = list(Deadline.objects.owed_by(self.request.user)[:AT_MOST])
        return super().get_context_data(
            nav="home",
            now=now,
            groups=_by_urgency(owed, now),
            waiting=waiting_for(self.request.user),
            years_without_data=_years_without_data(self.request.user),
            **kwargs,
        )


def _years_without_data(user) -> list[int]:
    """What administrators are reminded of: only they can enter the days."""
    if not CALENDAR.allows(user, "edit", None):
        return []
    return years_without_data(timezone.localdate())


def _by_urgency(owed, now):
    """The duties as [(heading, look, duties)]: late, due within a day, this week, later."""
    bounds = [
        (_("Late"), "late", now),
        (_("Within 24 hours"), "soon", now + dt.timedelta(hours=24)),
        (_("Within a week"), "", now + dt.timedelta(days=7)),
        (_("Later"), "", None),
    ]
    groups, rest = [], list(owed)
    for heading, look, until in bounds:
        inside = [d for d in rest if until is None or d.due_at < until]
        rest = rest[len(inside) :]
        if inside:
            groups.append((heading, look, [_labelled(d) for d in inside]))
    return groups


def _labelled(duty):
    duty.label = kinds.get(duty.kind).label
    return duty
