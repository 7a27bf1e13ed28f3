"""Forms of the calendar's pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from coordination.forms import DateField, PlainForm, VersionedForm


class KindField(forms.TypedChoiceField):
    """Whether people work on a day: True or False, asked in words."""

    OFF, WORK = "off", "work"

    def __init__(self):
        super().__init__(
            label=_("What it is"),
            choices=[(self.OFF, _("Day off")), (self.WORK, _("Working day"))],
            coerce=lambda chosen: chosen == self.WORK,
            widget=forms.RadioSelect,
            initial=False,
        )

    def prepare_value(self, value):
        return (self.WORK if value else self.OFF) if isinstance(value, bool) else value


def name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Name of the holiday"),
        max_length=60,
        required=False,
        help_text=_("A working day in exchange for a holiday carries the name of that holiday."),
    )


class DaysForm(PlainForm):
    first = DateField(label=_("First day"))
    last = DateField(label=_("Last day"), required=False, help_text=_("Empty: one day."))
    is_working = KindField()
    name = name_field()


class DayForm(VersionedForm):
    is_working = KindField()
    name = name_field()
