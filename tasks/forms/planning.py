"""The form of a subtask's plan: a percent for each of its weeks (R16)."""

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from coordination.forms import TextField, VersionedForm
from tasks.models import Plan


class PlanForm(VersionedForm):
    """`version` is the number of the plan the person had before them; 0 for the even one."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)
    reason = TextField(label=_("Why is it changed?"), rows=2, required=False, max_length=1000)

    def __init__(self, *args, plan: Plan, weeks, confirmed, **kwargs):
        self.weeks = {f"w{week.isoformat()}": week for week in weeks}
        super().__init__(*args, **kwargs)
        for name, week in self.weeks.items():
            self.fields[name] = forms.IntegerField(
                label=date_format(week, "SHORT_DATE_FORMAT"),
                min_value=0,
                max_value=100,
                initial=plan.percent_in(week),
                error_messages={"required": _("Please fill this in.")},
            )
        self.fields["reason"].required = confirmed
        self.helper.layout = self._layout(confirmed)

    def _layout(self, confirmed):
        reason = [Field("reason")] if confirmed else []
        return Layout(Field("version"), Div(*self.weeks, css_class="form-grid"), *reason)

    @property
    def steps(self) -> dict[str, int]:
        """{Monday (ISO): percent}, as tasks.services.planning.set_plan takes them."""
        return {week.isoformat(): self.cleaned_data[name] for name, week in self.weeks.items()}
