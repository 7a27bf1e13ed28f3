"""The duties behind a number: what departments owe, kept in time or did late."""

import datetime as dt

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.generic import TemplateView

from accounts.models import User
from coordination.pages import moment, page_along, whole_number
from dashboards.places import lay_out
from dashboards.rates import GROUPS, Month, last_months, last_weeks
from dashboards.seen import departments_seen
from deadlines import kinds
from deadlines.models import Deadline
from deadlines.policies import late_by, week_of
from deadlines.punctuality import KEPT, LATE, fell_due, week_bounds
from deadlines.terms import Terms
from tasks.models import Task

PROMISES = ("subtask_due", "support_delivery")
"""What departments promise each other."""

KINDS = {group: members for group, (_name, members) in GROUPS.items()} | {"promises": PROMISES}
MONTHS = 12
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2200, 1, 1)


def months_to_choose():
    """The last twelve, by their codes; their names are written by the template."""
    return [(month.code, month.code) for month in last_months(timezone.localdate(), MONTHS)]


class DutyFilter(django_filters.FilterSet):
    """`open`: what is owed now; otherwise what fell due in a week, a month or the last weeks."""

    department = django_filters.ModelChoiceFilter(
        queryset=lambda request: departments_seen(request.user),
        label=_("Department"),
        empty_label=_("All departments"),
    )
    group = django_filters.ChoiceFilter(
        method="in_group",
        label=pgettext_lazy("owed", "Duties"),
        empty_label=_("All duties"),
        choices=[
            *((code, name) for code, (name, _kinds) in GROUPS.items()),
            ("promises", _("Subtasks and support promised")),
        ],
    )
    state = django_filters.ChoiceFilter(
        method="in_state",
        label=_("State"),
        empty_label=_("All that fell due"),
        choices=[
            ("kept", _("kept in time")),
            ("late", pgettext_lazy("duties", "late")),
            ("open", _("open now")),
            ("overdue", _("open now and overdue")),
        ],
    )
    month = django_filters.ChoiceFilter(
        method="leave",
        label=_("Month"),
        empty_label=_("The last 12 weeks"),
        choices=months_to_choose,
    )
    week = django_filters.DateFilter(
        method="leave",
        widget=forms.HiddenInput,
        validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)],
    )
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.all(), widget=forms.HiddenInput)

    class Meta:
        model = Deadline
        fields = ["department", "group", "state", "month", "week", "owner"]

    def in_group(self, duties, _name, group):
        return duties.filter(kind__in=KINDS[group])

    def in_state(self, duties, _name, state):
        return duties.filter({"kept": KEPT, "late": LATE}.get(state, Q()))

    def leave(self, duties, _name, _value):
        """Said by the span of the duties that are asked for."""
        return duties


class DutyList(TemplateView):
    template_name = "dashboards/duty_list.html"

    def get_context_data(self, **kwargs):
        terms = Terms.current(timezone.now())
        chosen = DutyFilter(self.request.GET, Deadline.objects.none(), request=self.request)
        wanted = chosen.form.cleaned_data if chosen.form.is_valid() else {}
        chosen.queryset = seen(self.request.user, asked_for(wanted, terms))
        keys = {"due_at": moment, "pk": whole_number}
        duties, after = page_along(chosen.qs, self.request, keys)
        return super().get_context_data(
            nav="overview",
            tab="departments",
            filter=chosen,
            duties=[told(duty, terms.now) for duty in lay_out(duties, self.request.user)],
            after=after,
            now=terms.now,
            week=wanted.get("week") and week_of(wanted["week"]),
            narrowed=any(self.request.GET.get(name) for name in chosen.filters),
            **kwargs,
        )


def asked_for(wanted: dict, terms: Terms):
    """What is open now, or fell due in the span that was chosen."""
    if wanted.get("state") == "open":
        return Deadline.objects.open()
    if wanted.get("state") == "overdue":
        return Deadline.objects.overdue(terms.now)
    weeks = _weeks(wanted, terms)
    since, until = week_bounds(weeks[0], terms)[0], week_bounds(weeks[-1], terms)[1]
    return fell_due(since, until, terms.now)


def _weeks(wanted, terms) -> list[dt.date]:
    if wanted.get("week"):
        return [week_of(wanted["week"])]
    if wanted.get("month"):
        return Month.read(wanted["month"]).weeks
    return last_weeks(terms.today)


def seen(user, duties):
    """Those of the departments and the tasks that this person may see (R29)."""
    task = Task.objects.visible_to(user).filter(pk=OuterRef("task_id"))
    return duties.filter(Exists(task), department__in=departments_seen(user)).select_related(
        "department", "owner"
    )


def told(duty, now):
    """The duty with its name, and how late it is or was."""
    duty.label = kinds.get(duty.kind).label
    duty.late_by = late_by(duty.due_at, duty.settled_at or now)
    return duty
