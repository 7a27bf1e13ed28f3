"""The forms of the weekly rhythm: a person's week (R16), the roll-up of a task's week (R17)."""

import re

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from coordination.forms import DateField, PlainForm, TextField
from coordination.formsets import RowForm, row_formset
from tasks.choices import Cause
from weekly.services.progress import broken_words

PROMISE = "promise:"


class WeekForm(PlainForm):
    """The words of the roll-up. `seen` is the version that the person had before them."""

    week = DateField(label=_("Week of"))
    seen = forms.IntegerField(min_value=0, max_value=32767, widget=forms.HiddenInput)
    summary = TextField(label=_("What happened this week"), rows=6, max_length=5000)
    reason = TextField(label=_("Why is it corrected?"), rows=2, max_length=1000, required=False)

    def __init__(self, *args, is_sent, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["week"].widget = forms.HiddenInput()
        if is_sent:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]


class NeedForm(RowForm):
    """A resource to be coordinated: for which subtask, what, and from which department."""

    preset = ("subtask", "department")

    subtask = forms.TypedChoiceField(
        label=_("Subtask"), coerce=int, empty_value=None, required=False
    )
    what = forms.CharField(label=_("What is needed"), max_length=300)
    department = forms.TypedChoiceField(label=_("From which department"), coerce=int)

    def __init__(self, *args, subtasks, departments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["what"].grow = True
        self.fields["subtask"].choices = [("", _("The whole task")), *subtasks]
        self.fields["department"].choices = [("", _("Choose a department")), *departments]


class NeedFormSet(row_formset(NeedForm)):
    """The requests of a roll-up."""

    def mark(self, subtasks: set[int]) -> None:
        """Says at the lines of these subtasks that something is missing there."""
        for form in self.forms:
            if form["subtask"].value() in map(str, subtasks):
                form.add_error("what", _("Say what it needs, and from whom."))


class ProgressForm(PlainForm):
    """One subtask in a person's week. Untouched, it reports nothing.

    Whether it was touched is told by what stood in it when the page was opened, which is sent
    along: what somebody else has reported meanwhile is nobody's change.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    as_planned = forms.BooleanField(label=_("As planned"), required=False)
    actual = forms.IntegerField(label=_("Actual %"), min_value=0, max_value=100, required=False)
    next_steps = forms.CharField(label=_("Next week"), max_length=300, required=False)
    expected_finish = DateField(label=_("Expected finish"), required=False)
    cause = forms.ChoiceField(label=pgettext_lazy("of a deviation", "Cause"), required=False)
    reason = forms.CharField(label=_("In one sentence"), max_length=300, required=False)
    correction = forms.CharField(
        label=_("Why is the figure corrected?"), max_length=300, required=False
    )

    def __init__(self, *args, planned, is_out, broken=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.planned = planned
        self.broken = {f"{PROMISE}{request.pk}": request for request in broken}
        self.fields["cause"].choices = self._causes()
        self.fields["expected_finish"].show_hidden_initial = True
        self.fields["actual"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        if self.initial.get("version"):
            self._show_as_opened()
        if not (is_out and self.initial.get("version")):
            del self.fields["correction"]

    def _causes(self):
        promised = [(value, broken_words(request)) for value, request in self.broken.items()]
        offered = [(_("Promises not kept"), promised)] if promised else []
        return [("", _("Choose a cause")), *offered, *Cause.choices]

    def _show_as_opened(self):
        for name, field in self.fields.items():
            field.show_hidden_initial = name not in ("version", "as_planned")

    @property
    def is_told(self) -> bool:
        """Whether the person says something about this subtask."""
        return bool(set(self.changed_data) - {"version"})

    @property
    def shown(self) -> int:
        """The percent to be drawn: what stands in the field, where that is one."""
        text = str(self["actual"].value() or "")
        return min(int(text), 100) if re.fullmatch("[0-9]{1,3}", text) else 0

    @property
    def asks_why(self) -> bool:
        """Whether cause and sentence are shown from the start, where a script hides them."""
        shown = ("cause", "reason")
        return any(self[name].value() or self[name].errors for name in shown)

    def clean(self):
        values = super().clean()
        actual, as_planned = values.get("actual"), values.pop("as_planned", False)
        if as_planned and actual not in (None, self.planned):
            self.add_error("actual", _("Either as planned or a figure of your own."))
        elif as_planned:
            values["actual"] = self.planned
        elif self.is_told and actual is None and not self.has_error("actual"):
            self.add_error("actual", _("How far is it? A whole number from 0 to 100."))
        return values

    def rebase(self, version: int) -> None:
        """Lets the next sending put over knowingly what the person has now been shown."""
        self._show_as_opened()
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = version
        for name in self.fields:
            self.data.setdefault(self[name].html_initial_name, "")

    @property
    def values(self) -> dict:
        """As weekly.services.progress.report_progress takes them."""
        values = dict(self.cleaned_data)
        values["waits_for"] = self.broken.get(values["cause"])
        if values["waits_for"]:
            values["cause"] = Cause.WAITING
        return values
