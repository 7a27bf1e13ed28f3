"""The form of stage 1: the requirement with its rows."""

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from coordination.forms import (
    DateField,
    NumberField,
    PlainForm,
    SeveralField,
    TextField,
    VersionedForm,
)
from coordination.formsets import RowForm, row_formset
from coordination.markup import HINT
from tasks.choices import ResourceKind

WORDING = {
    "hx-post": reverse_lazy("tasks:wording"),
    "hx-trigger": "input changed delay:600ms",
    "hx-sync": "this:replace",
}


class StartForm(PlainForm):
    """Opens a draft: whose, and what it is called."""

    title = forms.CharField(label=_("Task name"), max_length=200)
    department = forms.ModelChoiceField(
        label=_("Initiating department"), queryset=Department.objects.none()
    )

    def __init__(self, *args, departments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments
        first = departments.first()
        self.fields["department"].initial = first.pk if first else None


class RequirementForm(VersionedForm):
    """The task's own fields. A draft may leave any of them empty but the name."""

    title = forms.CharField(label=_("Task name"), max_length=200)
    background = TextField(
        label=_("Background"), required=False, help_text=format_lazy("{} {}", _("Why now?"), HINT)
    )
    goal = TextField(
        label=_("Core goal"),
        required=False,
        help_text=_("What is to be reached, so that anybody could check it."),
    )
    expected_result = TextField(label=_("Expected result"), required=False, help_text=HINT)
    start_date = DateField(label=_("Start"), required=False)
    end_date = DateField(label=_("End"), required=False)
    departments = SeveralField(
        label=_("Collaborating departments"),
        queryset=Department.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    OWN = ("title", "background", "goal", "expected_result", "start_date", "end_date")

    def __init__(self, *args, task, **kwargs):
        super().__init__(*args, **kwargs)
        involved = task.collaborations.values("department")
        choosable = Department.objects.active() | Department.objects.filter(pk__in=involved)
        self.fields["departments"].queryset = choosable.exclude(pk=task.department_id).distinct()
        for name in ("goal", "expected_result"):
            self.fields[name].widget.attrs |= WORDING | {
                "hx-target": f"#vague-{name}",
                "hx-params": f"csrfmiddlewaretoken,{name}",
            }

    def layout(self):
        return Layout(
            Field("version"),
            Field("title"),
            Field("background"),
            Field("goal"),
            Div(css_id="vague-goal"),
            Field("expected_result"),
            Div(css_id="vague-expected_result"),
            Div(Field("start_date"), Field("end_date"), css_class="form-grid"),
            Field("departments", wrapper_class="choices-inline"),
        )

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("start_date"), cleaned.get("end_date")
        if start and end and end < start:
            self.add_error("end_date", _("The end must not lie before the start."))
        return cleaned

    @property
    def own_fields(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.OWN}


class RevisionForm(RequirementForm):
    """The same after submission: with a reason, that the people concerned are told (R12)."""

    reason = TextField(
        label=_("Why is it changed?"), rows=2, help_text=_("The people concerned are told.")
    )

    def layout(self):
        return Layout(*super().layout(), Field("reason"))


class TargetForm(RowForm):
    metric = forms.CharField(label=_("Metric"), max_length=200, required=False)
    number = NumberField(label=_("Number"), required=False)
    unit = forms.CharField(label=_("Unit"), max_length=30, required=False)
    date = DateField(label=_("By"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["metric"].grow = True


class WorkItemForm(RowForm):
    name = forms.CharField(label=_("Work item"), max_length=200)


class ResourceForm(RowForm):
    preset = ("kind",)

    kind = forms.ChoiceField(label=_("Kind"), choices=ResourceKind)
    description = forms.CharField(label=_("Resource"), max_length=300)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["description"].grow = True


class RiskForm(RowForm):
    description = forms.CharField(label=_("Risk"), max_length=300, required=False)
    response = forms.CharField(label=_("Response"), max_length=300, required=False)


FORMSETS = {
    "targets": row_formset(TargetForm),
    "work_items": row_formset(WorkItemForm),
    "resources": row_formset(ResourceForm),
    "risks": row_formset(RiskForm),
}


class Requirement:
    """The requirement's form with its four kinds of rows, as one thing to show and to check."""

    def __init__(self, task, *, form_class=RequirementForm, data=None):
        self.task = task
        self.form = form_class(data, task=task, initial=_initial(task))
        self.rows = {
            name: formset(data, prefix=name, initial=_initial_rows(task, name))
            for name, formset in FORMSETS.items()
        }

    def is_valid(self) -> bool:
        checks = [self.form.is_valid(), *(rows.is_valid() for rows in self.rows.values())]
        return all(checks)

    def values(self) -> dict:
        """What the drafting services take, beside the task and the person."""
        return {
            "version": self.form.cleaned_data["version"],
            "fields": self.form.own_fields,
            "rows": {name: rows.rows for name, rows in self.rows.items()},
            "departments": list(self.form.cleaned_data["departments"]),
        }

    def errors(self) -> dict[str, str]:
        """The messages by field name, for an autosave that could not be taken."""
        errors = {name: " ".join(texts) for name, texts in self.form.errors.items()}
        for rows in self.rows.values():
            for form in rows.forms:
                errors |= {form.add_prefix(n): " ".join(t) for n, t in form.errors.items()}
        return errors


def _initial(task):
    own = {name: getattr(task, name) for name in RequirementForm.OWN}
    departments = [c.department_id for c in task.collaborations.all()]
    return own | {"version": task.version, "departments": departments}


def _initial_rows(task, name):
    fields = FORMSETS[name].form.base_fields
    return [{field: getattr(row, field) for field in fields} for row in getattr(task, name).all()]
