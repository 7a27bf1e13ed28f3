"""What the list of a task's issues can be narrowed by."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from issues.choices import Grade, IssueState
from issues.models import Issue


class IssueFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        max_length=100,
        label=_("Description or cause"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    grade = django_filters.ChoiceFilter(choices=Grade, label=_("Grade"), empty_label=_("Any grade"))
    state = django_filters.ChoiceFilter(
        choices=IssueState, label=_("Status"), empty_label=_("Any status")
    )

    class Meta:
        model = Issue
        fields = ["q", "grade", "state"]

    def search(self, queryset, _name, value):
        return queryset.filter(Q(description__icontains=value) | Q(cause__icontains=value))
