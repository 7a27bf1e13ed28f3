"""The forms of the weekly rhythm: a person's week (R16), the roll-up of a task's week (R17)."""

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from coordination.forms import DateField, PlainForm, TextField
from coordination.formsets import RowForm, row_formset
from tasks.choices import Cause
from weekly.services.progress import broken_words

PROMISE = "promise:"


class WeekForm(PlainForm):
    """The words of the roll-up. `seen` is the version that the person had before them."""

    week = DateField(label=_("Week of"))
    seen = forms.IntegerField(min_value=0, max_value=32767, widget=forms.HiddenInput)
    summary = TextField(label=_("What happened this week"), rows=4, max_length=5000)
    reason = TextField(label=_("Why is it corrected?"), rows=2, max_length=1000, required=False)

    def __init__(self, *args, is_sent, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["week"].widget = forms.HiddenInput()
        if is_sent:
            self.fields["reason"].required = True
        else:
            del self.fields["reason"]

    def layout(self):
        return Layout(Field("week"), Field("seen"), Field("summary"), Field("reason"))


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
        self.fields["subtask"].choices = [("", _("The whole task")), *subtasks]
        self.fields["department"].choices = [("", _("Choose a department")), *departments]


NeedFormSet = row_formset(NeedForm)


class ProgressForm(PlainForm):
    """One subtask in a person's week. Untouched, it reports nothing."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    actual = forms.IntegerField(label=_("Actual %"), min_value=0, max_value=100, required=False)
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    reason = forms.CharField(label=_("In one sentence"), max_length=300, required=False)
    expected_finish = DateField(label=_("Expected finish"), required=False)
    next_steps = forms.CharField(label=_("Next week"), max_length=300, required=False)
    correction = forms.CharField(
        label=_("Why is the figure corrected?"), max_length=300, required=False
    )

    def __init__(self, *args, broken=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.broken = {f"{PROMISE}{request.pk}": request for request in broken}
        promised = [(value, broken_words(request)) for value, request in self.broken.items()]
        self.fields["cause"].choices = [("", _("Choose a cause")), *promised, *Cause.choices]

    @property
    def values(self) -> dict:
        """As weekly.services.progress.report_progress takes them."""
        values = dict(self.cleaned_data)
        values["waits_for"] = self.broken.get(values["cause"])
        if values["waits_for"]:
            values["cause"] = Cause.WAITING
        return values
