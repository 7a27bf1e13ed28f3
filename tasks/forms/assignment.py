"""Forms of stages 2 and 3: promises, support, progress."""

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.forms import PeopleField
from accounts.models import Department, User
from coordination.forms import DateField, PlainForm, TextField, VersionedForm
from tasks.choices import SubtaskState, SupportState
from tasks.workflow import SHARED


class OwnerField(forms.ModelChoiceField):
    """Who is to be responsible; beside each how much they already have of the department's."""

    def __init__(self, **kwargs):
        super().__init__(queryset=User.objects.none(), **kwargs)

    def among(self, department: Department) -> None:
        self.queryset = User.objects.in_department(department).annotate(
            at_work=Count(
                "owned_subtasks",
                filter=Q(
                    owned_subtasks__department=department,
                    owned_subtasks__state=SubtaskState.OPEN,
                    owned_subtasks__task__stage__in=SHARED,
                ),
            )
        )

    def label_from_instance(self, person):
        words = ngettext("%(count)d open subtask", "%(count)d open subtasks", person.at_work)
        return f"{person} · {words % {'count': person.at_work}}"


class PromiseFields(forms.Form):
    """What a department promises."""

    name = forms.CharField(label=_("Subtask name"), max_length=200)
    goal = TextField(
        label=_("Subtask goal"), rows=2, help_text=_("Measurable: how much, of what, by when.")
    )
    scope = forms.CharField(
        label=_("Scope"),
        max_length=300,
        required=False,
        help_text=_("Which part of the work item, when several subtasks share it."),
    )
    owner = OwnerField(
        label=_("Responsible person"),
        empty_label=_("Choose a person"),
        help_text=_("Exactly one person, of this department."),
    )
    helpers = PeopleField(
        label=_("Helpers"),
        required=False,
        help_text=_("Beside the responsible person, never instead."),
    )
    start_date = DateField(label=_("Start"))
    due_date = DateField(label=_("Due"))

    OWN = ("name", "goal", "scope", "owner", "helpers", "start_date", "due_date")

    def offer_people(self, department, colleagues):
        """Owners are of the department; helpers may come from any department of the task."""
        self.fields["owner"].among(department)
        self.fields["helpers"].among(colleagues)

    def promise_layout(self):
        return [
            Field("name"),
            Field("goal"),
            Field("scope"),
            Div(Field("owner"), Field("start_date"), Field("due_date"), css_class="form-grid"),
            Field("helpers", wrapper_class="choices-inline"),
        ]

    def clean(self):
        cleaned = super().clean()
        start, due = cleaned.get("start_date"), cleaned.get("due_date")
        if start and due and due < start:
            self.add_error("due_date", _("The due date must not lie before the start."))
        return cleaned

    @property
    def promise(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.OWN} | {
            "helpers": list(self.cleaned_data["helpers"])
        }


class TakeOnForm(PromiseFields, PlainForm):
    def __init__(self, *args, department, colleagues, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_people(department, colleagues)

    def layout(self):
        return Layout(*self.promise_layout())


class SubtaskForm(PromiseFields, VersionedForm):
    reason = TextField(label=_("Why is it changed?"), rows=2, required=False, max_length=1000)

    def __init__(self, *args, department, colleagues, confirmed, **kwargs):
        super().__init__(*args, **kwargs)
        self.offer_people(department, colleagues)
        self.fields["reason"].required = confirmed

    def layout(self):
        return Layout(Field("version"), *self.promise_layout(), Field("reason"))


class AskSupportForm(PlainForm):
    department = forms.ModelChoiceField(
        label=_("From which department"),
        queryset=Department.objects.none(),
        empty_label=_("Choose a department"),
    )
    what = forms.CharField(label=_("Support needed"), max_length=300)
    needed_by = DateField(label=_("Needed by"))

    def __init__(self, *args, departments, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments


class AnswerSupportForm(VersionedForm):
    answer = forms.ChoiceField(
        label=_("Answer"),
        widget=forms.RadioSelect,
        choices=[
            (SupportState.ACCEPTED, _("We deliver by the asked date")),
            (SupportState.RESCHEDULED, _("We deliver on another date")),
            (SupportState.DECLINED, _("We decline")),
        ],
    )
    promised_date = DateField(label=_("Other date"), required=False)
    words = TextField(label=_("Reason"), rows=2, required=False, max_length=1000)


class ProgressForm(PlainForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    week = DateField(label=_("Week of"), help_text=_("Any day of the week; weeks begin on Monday."))
    planned = forms.IntegerField(label=_("Planned %"), min_value=0, max_value=100)
    actual = forms.IntegerField(label=_("Actual %"), min_value=0, max_value=100)
    reason = TextField(
        label=_("Reason for the deviation"),
        rows=2,
        required=False,
        max_length=1000,
        help_text=_("When planned and actual differ, behind or ahead."),
    )

    def layout(self):
        return Layout(
            Field("version"),
            Div(Field("week"), Field("planned"), Field("actual"), css_class="form-grid"),
            Field("reason"),
        )

    def rebase(self, version: int) -> None:
        """Lets the next sending correct knowingly what the person has now been shown."""
        self.data = self.data.copy()
        self.data["version"] = version
