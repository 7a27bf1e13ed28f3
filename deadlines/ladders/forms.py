"""The form of a ladder: when each reminder is sent, and to whom."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coordination.forms import VersionedForm
from coordination.formsets import RowForm, row_formset
from deadlines.models import Role
from deadlines.policies import Step

UNITS = [("m", _("minutes")), ("h", _("hours")), ("d", _("days")), ("w", _("working days"))]
SIDES = [("-1", pgettext_lazy("reminder", "before")), ("1", pgettext_lazy("reminder", "after"))]
UP_THE_LINE = [(role.value, role.label) for role in Role if role != Role.STAND_IN]


class LadderForm(VersionedForm):
    """Within how many working days it is due, where the kind has such a term."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    within = forms.IntegerField(
        label=_("Due within how many working days?"), min_value=1, max_value=60
    )

    def __init__(self, *args, has_term, **kwargs):
        super().__init__(*args, **kwargs)
        if not has_term:
            del self.fields["within"]


class StepForm(RowForm):
    """One reminder: how long before or after, at what time of day, to whom."""

    preset = ("side", "unit", "roles")

    amount = forms.IntegerField(label=_("How long"), min_value=0, max_value=999)
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS, initial="h")
    side = forms.ChoiceField(label=_("Before or after"), choices=SIDES, initial="-1")
    at = forms.TimeField(
        label=_("At"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Who is told"),
        choices=UP_THE_LINE,
        widget=forms.CheckboxSelectMultiple,
        initial=["owner"],
        error_messages={"required": _("Say who is told.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["roles"].grow = True

    def clean(self):
        values = super().clean()
        if values.get("at") and values.get("unit") in ("m", "h"):
            self.add_error("at", _("A time of day goes with days, not with minutes or hours."))
        return values

    @staticmethod
    def initial_of(step: Step) -> dict:
        return {
            "amount": abs(step.amount),
            "unit": step.unit,
            "side": "-1" if step.amount < 0 else "1",
            "at": step.at,
            "roles": list(step.roles),
        }


StepFormSet = row_formset(StepForm)


def step_of(row: dict) -> Step:
    """The step that a cleaned row says."""
    amount = row["amount"] * int(row["side"])
    return Step(amount, row["unit"], row.get("at"), tuple(row["roles"]))
