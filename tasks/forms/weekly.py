"""The form of the weekly sync (R17)."""

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from coordination.forms import DateField, PlainForm, TextField


class WeeklySyncForm(PlainForm):
    """`week` is the week whose page the person had before them."""

    week = DateField(label=_("Week of"))
    summary = TextField(label=_("What happened this week"), rows=4)
    resources = TextField(
        label=_("Resources to be coordinated"),
        required=False,
        help_text=_("For every subtask that lags: what it needs, and from which department."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["week"].widget = forms.HiddenInput()

    def layout(self):
        return Layout(Field("week"), Field("summary"), Field("resources"))
