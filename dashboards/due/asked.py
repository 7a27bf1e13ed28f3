"""What the address asks of the calendar: whose duties, of which kind and state, and when due.

Nonsense in the address asks nothing; a task that one may not see does not exist.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import TextChoices
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, User
from coordination.forms import PlainForm, WithinReach
from deadlines import kinds
from tasks.models import Task


class Scope(TextChoices):
    MINE = "mine", _("Due from me")
    LED = "led", _("In tasks I lead")
    DEPARTMENTS = "departments", _("In my departments")


class State(TextChoices):
    """`OPEN` as a filter holds the late ones, `DONE` those that were done late."""

    OPEN = "open", pgettext_lazy("duty", "open")
    LATE = "late", pgettext_lazy("duty", "late")
    DONE = "done", pgettext_lazy("duty", "done")
    DONE_LATE = "done-late", pgettext_lazy("duty", "done late")


class DueFilter(PlainForm):
    """What a calendar can be narrowed to."""

    department = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Department"),
        empty_label=_("Any department"),
        required=False,
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(
        label=_("Status"),
        required=False,
        choices=[
            ("", _("Any status")),
            (State.OPEN, _("Not done")),
            (State.LATE, _("Late")),
            (State.DONE, _("Done")),
        ],
    )

    def __init__(self, *args, departments, is_overdue, **kwargs):
        super().__init__(*args, **kwargs)
        if is_overdue:
            del self.fields["state"]
        every = [(kind.code, kind.label) for kind in kinds.every()]
        self.fields["kind"].choices = [("", _("Any kind")), *every]
        if departments is None:
            del self.fields["department"]
        else:
            self.fields["department"].queryset = departments


@dataclass(frozen=True)
class Asked:
    """`first` and `last` are days; both None asks for all that is late, whenever it was due."""

    user: User
    now: dt.datetime
    zone: ZoneInfo
    scope: str
    task: Task | None
    form: DueFilter
    first: dt.date | None
    last: dt.date | None

    @classmethod
    def of(cls, request, now) -> "Asked":
        scope = request.GET.get("scope", "")
        scope = scope if scope in Scope.values else Scope.MINE
        task = _task(request)
        by_department = scope == Scope.DEPARTMENTS and not task
        reach = request.user.standing.reach if by_department else ()
        zone = request.organisation.zone
        first, last = _period(request, now, zone)
        form = DueFilter(
            request.GET,
            departments=Department.objects.filter(pk__in=reach) if by_department else None,
            is_overdue=first is None,
        )
        form.is_valid()
        return cls(request.user, now, zone, scope, task, form, first, last)

    def chosen(self, name):
        """What a field was narrowed to; "" or None for nothing."""
        return self.form.cleaned_data.get(name)

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    @property
    def is_overdue(self) -> bool:
        return self.first is None

    @property
    def is_day(self) -> bool:
        return self.first is not None and self.first == self.last

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen(name) for name in self.form.fields)

    @property
    def month(self) -> dt.date:
        """The first day of the month that the page belongs to."""
        return (self.first or self.today).replace(day=1)

    def moment(self, day: dt.date) -> dt.datetime:
        """When a day begins."""
        return dt.datetime.combine(day, dt.time(), self.zone)


def _task(request):
    asked = request.GET.get("task", "")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        raise Http404
    return get_object_or_404(Task.objects.visible_to(request.user), pk=asked)


def _period(request, now, zone):
    if request.GET.get("overdue"):
        return None, None
    day = _day(request.GET.get("day", ""))
    if day:
        return day, day
    first = _day(request.GET.get("month", "") + "-01")
    first = first or now.astimezone(zone).date().replace(day=1)
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _day(text) -> dt.date | None:
    """A day from 1900 to 2999 as 2024-10-05."""
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if WithinReach.holds(day.year) else None
