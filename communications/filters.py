"""What the list of communications can be narrowed by."""

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from communications.models import (
    ActionItem,
    Communication,
    CommunicationState,
    Participant,
    Purpose,
)
from coordination.forms import DateField


class DayFilter(django_filters.DateFilter):
    field_class = DateField


class CommunicationFilter(django_filters.FilterSet):
    """`now` tells which scheduled ones have ended and which logs are late."""

    q = django_filters.CharFilter(
        method="search",
        max_length=100,
        label=_("Text or person"),
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    purpose = django_filters.ChoiceFilter(
        choices=Purpose, label=_("Occasion"), empty_label=_("Any occasion")
    )
    log = django_filters.ChoiceFilter(
        method="by_log",
        label=_("Log"),
        empty_label=_("Any"),
        choices=[
            ("scheduled", _("Still to come")),
            ("open", _("Log due")),
            ("logged", _("Logged")),
            ("late", _("Late")),
        ],
    )
    since = DayFilter(field_name="starts_at", lookup_expr="date__gte", label=_("From"))
    until = DayFilter(field_name="starts_at", lookup_expr="date__lte", label=_("Until"))

    class Meta:
        model = Communication
        fields = ["q", "purpose", "log", "since", "until"]

    def __init__(self, *args, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = now

    def search(self, queryset, _name, value):
        participants = Participant.objects.filter(communication=OuterRef("pk")).filter(
            Q(name__icontains=value) | Q(department_name__icontains=value)
        )
        items = ActionItem.objects.filter(communication=OuterRef("pk")).filter(
            Q(what__icontains=value) | Q(owner__name__icontains=value)
        )
        return queryset.filter(
            Q(topic__icontains=value)
            | Q(conclusions__icontains=value)
            | Exists(participants)
            | Exists(items)
        )

    def by_log(self, queryset, _name, value):
        chosen = {
            "scheduled": lambda: queryset.filter(
                state=CommunicationState.SCHEDULED, ends_at__gt=self.now
            ),
            "open": lambda: queryset.to_log(self.now),
            "logged": lambda: queryset.filter(state=CommunicationState.LOGGED),
            "late": lambda: queryset.late(self.now),
        }
        return chosen[value]()
