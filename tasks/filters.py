"""What the list of tasks can be narrowed by; page and export share it."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from tasks.choices import Stage
from tasks.models import Task


class TaskFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        max_length=100,
        label=_("Number or name"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    stage = django_filters.ChoiceFilter(choices=Stage, label=_("Stage"), empty_label=_("Any stage"))
    department = django_filters.ModelChoiceFilter(
        queryset=Department.objects.all(),
        label=_("Initiating department"),
        empty_label=_("Any department"),
    )
    mine = django_filters.ChoiceFilter(
        method="by_part",
        label=_("My part"),
        empty_label=_("Any part"),
        choices=[("initiator", _("I initiate")), ("owner", _("I own a subtask"))],
    )

    class Meta:
        model = Task
        fields = ["q", "stage", "department", "mine"]

    def search(self, queryset, _name, value):
        """A complete number finds its task, by index; anything else, what contains it."""
        exact = queryset.filter(number=value)
        return exact if exact.exists() else queryset.containing(value)

    def by_part(self, queryset, _name, value):
        user = self.request.user
        if value == "initiator":
            return queryset.filter(initiator=user)
        return queryset.filter(pk__in=user.owned_subtasks.values("task_id"))
