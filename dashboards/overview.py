"""The overview of management: the running tasks by rule, the worst first, and why."""

import datetime as dt

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView

from accounts.models import Department, User
from coordination.pages import moment, page_along, whole_number
from dashboards import overview_workbook, why
from dashboards.seen import oversees
from dashboards.sheets import download
from dashboards.standing import (
    RANKS,
    STATUSES,
    counted,
    escalations_seen,
    ranked,
    rows_of,
    running,
)
from deadlines.terms import Terms
from tasks.choices import Stage
from tasks.models import Collaboration, Task
from tasks.workflow import WORK_OPEN

ESCALATIONS = 5
ORDER = {
    "rank": whole_number,
    "since": moment,
    "end_date": dt.date.fromisoformat,
    "pk": whole_number,
}
"""The worst first; of the same status what has been wrong longest, then what ends first."""
A_DAY = [MinValueValidator(dt.date(1900, 1, 1)), MaxValueValidator(dt.date(2200, 1, 1))]


def _initiators(request):
    tasks = Task.objects.visible_to(request.user).filter(stage__in=WORK_OPEN).order_by()
    return User.objects.filter(pk__in=tasks.values("initiator")).order_by("name", "pk")


class OverviewFilter(django_filters.FilterSet):
    """What the overview and its workbook are narrowed by."""

    status = django_filters.ChoiceFilter(
        method="with_status",
        label=_("Status"),
        empty_label=_("Any status"),
        choices=list(STATUSES.items()),
    )
    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.all(),
        method="taking_part",
        label=_("Department taking part"),
        empty_label=_("Any department"),
    )
    stage = django_filters.ChoiceFilter(
        choices=[(stage, stage.label) for stage in WORK_OPEN],
        label=_("Stage"),
        empty_label=_("Any stage"),
    )
    initiator = django_filters.ModelChoiceFilter(
        queryset=_initiators, label=_("Initiator"), empty_label=_("Anybody")
    )
    since = django_filters.DateFilter(
        field_name="end_date",
        lookup_expr="gte",
        label=_("Runs on or after"),
        validators=A_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = django_filters.DateFilter(
        field_name="start_date",
        lookup_expr="lte",
        label=_("Runs on or before"),
        validators=A_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = Task
        fields = ["status", "department", "stage", "initiator", "since", "until"]

    def with_status(self, tasks, _name, status):
        return tasks.filter(rank=RANKS.index(status))

    def taking_part(self, tasks, _name, department):
        seats = Collaboration.objects.filter(task=OuterRef("pk"), department=department)
        return tasks.filter(Q(department=department) | Exists(seats))

    def of_any_status(self):
        """The tasks that fit but for their status."""
        values = {name: v for name, v in self.form.cleaned_data.items() if name != "status"}
        tasks = self.queryset
        for name, value in values.items():
            tasks = self.filters[name].filter(tasks, value)
        return tasks

    def confidential(self) -> list[tuple[str, int]]:
        """(status, how many) of the confidential tasks that a senior manager is told nothing else
        of; none once anything but a department of theirs is chosen, which would tell more.
        """
        narrowed = {name for name, value in self.form.cleaned_data.items() if value}
        if narrowed - {"department"}:
            return []
        hidden = ranked(Task.objects.hidden_from(self.request.user))
        if department := self.form.cleaned_data.get("department"):
            if not oversees(self.request.user, department):
                return []
            hidden = self.taking_part(hidden, "department", department)
        return [(STATUSES[status], n) for status, n in counted(hidden).items() if n]

    def in_words(self) -> list[tuple[str, str]]:
        """What was chosen: (field, value) as people read them."""
        chosen = self.form.cleaned_data
        names = STATUSES | dict(Stage.choices)
        return [
            (str(self.form.fields[name].label), str(names.get(value, value)))
            for name, value in chosen.items()
            if value
        ]


def chosen_by(request) -> OverviewFilter:
    """The visible running tasks as the address narrows them; what is no choice narrows nothing."""
    chosen = OverviewFilter(request.GET, running(request.user), request=request)
    chosen.is_valid()
    return chosen


class Overview(TemplateView):
    template_name = "dashboards/overview.html"

    def get_context_data(self, **kwargs):
        user, terms = self.request.user, Terms.current(timezone.now())
        chosen = chosen_by(self.request)
        tasks, after = page_along(chosen.qs, self.request, ORDER)
        waiting = escalations_seen(user).order_by("told_at", "pk")
        return super().get_context_data(
            nav="overview",
            tab="tasks",
            now=terms.now,
            filter=chosen,
            rows=rows_of(tasks, terms),
            after=after,
            counts=[(s, STATUSES[s], n) for s, n in counted(chosen.of_any_status()).items()],
            hidden=chosen.confidential(),
            escalations=waiting[:ESCALATIONS],
            number_of_escalations=waiting.count(),
            narrowed=any(self.request.GET.get(name) for name in chosen.filters),
            rules=why.rules(terms.organisation),
            tolerance=terms.organisation.tolerance,
            **kwargs,
        )


@require_GET
def overview_file(request):
    """The same rows as the page shows, all of them, as a workbook."""
    terms = Terms.current(timezone.now())
    chosen = chosen_by(request)
    tasks = chosen.qs.order_by(*ORDER)
    file = overview_workbook.render(tasks, chosen.in_words(), request.user, terms)
    return download(file, f"overview-{terms.today.isoformat()}.xlsx")


class EscalationList(TemplateView):
    template_name = "dashboards/escalation_list.html"

    def get_context_data(self, **kwargs):
        waiting = escalations_seen(self.request.user)
        keys = {"told_at": moment, "pk": whole_number}
        escalations, after = page_along(waiting, self.request, keys)
        return super().get_context_data(
            nav="overview",
            tab="tasks",
            now=timezone.now(),
            escalations=escalations,
            after=after,
            **kwargs,
        )
