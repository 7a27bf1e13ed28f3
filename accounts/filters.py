"""What the list of people can be narrowed to."""

import django_filters
from django import forms
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User

STATES = {
    "active": Q(is_active=True),
    "inactive": Q(is_active=False),
    # Imported or just created, and not able to sign in yet.
    "no_password": Q(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX),
}


class PersonFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("Name, login name, e-mail"),
        method="search",
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    department = django_filters.ModelChoiceFilter(
        label=_("Department"),
        queryset=Department.objects.all(),
        field_name="memberships__department",
        empty_label=_("All departments"),
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        method="in_state",
        empty_label=_("Everybody"),
        choices=[
            ("active", _("Active")),
            ("inactive", _("Deactivated")),
            ("no_password", _("Without a password")),
        ],
    )

    class Meta:
        model = User
        fields = []

    def search(self, people, name, words):
        for word in words.split()[:5]:
            people = people.filter(
                Q(name__icontains=word)
                | Q(username__icontains=word)
                | Q(email__icontains=word)
                | Q(title__icontains=word)
            )
        return people

    def in_state(self, people, name, state):
        return people.filter(STATES[state])
