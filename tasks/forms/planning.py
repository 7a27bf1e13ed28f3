"""The form of a subtask's plan: a percent for each of its weeks (R16)."""

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from coordination.forms import TextField, VersionedForm
from tasks.policies import WEEK

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """A week of the form: its field, and the percent of an even plan."""

    field: forms.BoundField
    even: int

    @property
    def input(self) -> str:
        invalid = {"class": "form-control is-invalid"} if self.field.errors else {}
        described = {"aria-describedby": f"{self.field.id_for_label}-wrong"}
        return self.field.as_widget(attrs=invalid | described)

    @property
    def shown(self) -> int:
        """The percent to be drawn: what stands in the field, where that is one."""
        text = str(self.field.value() or "")
        return min(int(text), 100) if text.isascii() and text.isdigit() and len(text) < 4 else 0


class PlanForm(VersionedForm):
    """`version` is the number of the plan the person had before them; 0 for the even one.

    A field is named by its week (ISO), as the service names the week at fault. Weeks before
    `over_before` stay as they were planned.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)
    reason = TextField(label=_("Why is it changed?"), rows=2, max_length=1000)

    def __init__(
        self,
        *args,
        steps: dict[str, int],
        even: dict[str, int],
        confirmed,
        over_before="",
        **kwargs,
    ):
        super().__init__(*args, **kwargs)
        self.even = even
        for week, percent in steps.items():
            self.fields[week] = _percent(week, percent)
            self.fields[week].disabled = week < over_before
        if not confirmed:
            del self.fields["reason"]

    @property
    def steps(self) -> list[Step]:
        return [Step(self[week], percent) for week, percent in self.even.items()]

    @property
    def weeks(self) -> dict[str, int]:
        """{Monday (ISO): percent}, as tasks.services.planning.set_plan takes them."""
        return {week: self.cleaned_data[week] for week in self.even}


def _percent(week: str, percent: int) -> forms.IntegerField:
    monday = dt.date.fromisoformat(week)
    days = [date_format(day, "SHORT_DATE_FORMAT") for day in (monday, monday + WEEK - DAY)]
    attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "form-control"}
    return forms.IntegerField(
        label=" – ".join(days),
        min_value=0,
        max_value=100,
        initial=percent,
        widget=forms.NumberInput(attrs=attrs),
        error_messages={"required": _("Please fill this in.")},
    )
