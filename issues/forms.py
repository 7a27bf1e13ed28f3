"""Forms of the closed loop: recording, grading, solution, result, check (R19–R23)."""

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from communications.models import Communication, CommunicationState
from coordination.forms import DateField, MomentField, PlainForm, TextField, VersionedForm
from coordination.formsets import RowForm, row_formset
from coordination.markup import HINT
from issues.choices import Result
from tasks.models import Subtask
from tasks.permissions import seats_of


def people_of(task) -> list[Membership]:
    """Who can be responsible in a task: the active people of its departments, in their order."""
    departments = [seat.department_id for seat in seats_of(task)]
    found = Membership.objects.filter(department__in=departments, user__is_active=True)
    people = found.select_related("department", "user").order_by("user__name", "pk")
    return sorted(people, key=lambda m: departments.index(m.department_id))


class ResponsibleField(forms.TypedChoiceField):
    """Exactly one person, as "department name"; the value is the Membership, so that person and
    department always fit."""

    def offer(self, people: list[Membership]) -> None:
        self.people = {str(m.pk): m for m in people}
        self.coerce = self.membership
        self.choices = [
            ("", _("Choose a person")),
            *((m.pk, f"{m.department} {m.user}") for m in people),
        ]

    def membership(self, value: str) -> Membership:
        """The chosen one; ValueError, as a coercion must, for a value that was not offered."""
        if value not in self.people:
            raise ValueError(value)
        return self.people[value]


class QuestionField(forms.TypedChoiceField):
    """A question that must be answered with yes or no."""

    def __init__(self, **kwargs):
        choices = [("yes", _("Yes")), ("no", _("No"))]
        super().__init__(
            choices=choices, coerce=lambda v: v == "yes", widget=forms.RadioSelect, **kwargs
        )

    def prepare_value(self, value):
        return {True: "yes", False: "no"}.get(value, value)


class MeetingField(forms.ModelChoiceField):
    """A communication of the task, by its time and topic."""

    def label_from_instance(self, meeting):
        return f"{date_format(localtime(meeting.starts_at), 'DATETIME_FORMAT')} · {meeting.topic}"


class QuestionFields(forms.Form):
    """The two questions that grade an issue (R20); the template sets the rule beside them."""

    needs_other_departments = QuestionField(label=_("Does it need another department's resources?"))
    affects_finish = QuestionField(label=_("Does it affect the overall finish?"))

    QUESTIONS = ("needs_other_departments", "affects_finish")


class AttemptRow(RowForm):
    description = TextField(label=_("What was tried"), rows=1, max_length=2000)


class MeasureRow(RowForm):
    what = forms.CharField(label=_("Measure"), max_length=300)
    owner = ResponsibleField(label=_("Who"))
    due_date = DateField(label=_("By when"))

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["what"].grow = True
        self.fields["owner"].offer(people)


ATTEMPTS = row_formset(AttemptRow)
MEASURES = row_formset(MeasureRow, at_least=1)


class RecordForm(QuestionFields, PlainForm):
    """What 专员H knows at once: what happened, why, what was tried, and who sees to it."""

    description = TextField(label=_("Description"), help_text=HINT)
    cause = TextField(label=_("Cause"), rows=2, help_text=_("As far as it is known."))
    occurred_at = MomentField(
        label=_("Time of occurrence"), help_text=_("The 24 hours for reporting begin here.")
    )
    owner = ResponsibleField(label=_("Responsible department and person"))
    subtask = forms.ModelChoiceField(
        label=_("Subtask"),
        queryset=Subtask.objects.none(),
        required=False,
        empty_label=_("None in particular"),
    )
    next_date = DateField(
        label=_("Next answer by"), help_text=_("An issue always has a next date.")
    )
    report = forms.BooleanField(
        label=_("Report upwards now, if it is cross-department"), required=False, initial=True
    )

    FACTS = ("description", "cause", "occurred_at", "subtask", "next_date", "report")

    def __init__(self, data=None, *args, task, people, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.fields["owner"].offer(people)
        self.fields["subtask"].queryset = task.subtasks.live()
        self.attempts = ATTEMPTS(data, prefix="attempts")

    def layout(self):
        when_and_who = Div("occurred_at", "owner", "subtask", "next_date", css_class="form-grid")
        return Layout("description", "cause", when_and_who)

    def is_valid(self):
        return all([super().is_valid(), self.attempts.is_valid()])

    @property
    def values(self) -> dict:
        """What record_issue takes, beside the task and the person."""
        data = self.cleaned_data
        return {name: data[name] for name in (*self.FACTS, *self.QUESTIONS)} | {
            "department": data["owner"].department,
            "owner": data["owner"].user,
            "attempts": [row["description"] for row in self.attempts.rows],
        }


class EditForm(VersionedForm):
    """A correction, visible to all, for a stated reason (R12)."""

    description = TextField(label=_("Description"), help_text=HINT)
    cause = TextField(label=_("Cause"), rows=2)
    owner = ResponsibleField(label=_("Responsible department and person"))
    subtask = forms.ModelChoiceField(
        label=_("Subtask"),
        queryset=Subtask.objects.none(),
        required=False,
        empty_label=_("None in particular"),
    )
    reason = TextField(
        label=_("Why is it changed?"),
        rows=2,
        max_length=1000,
        help_text=_("The people concerned are told."),
    )

    def __init__(self, *args, task, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].offer(people)
        self.fields["subtask"].queryset = task.subtasks.live()

    def layout(self):
        place = Div("owner", "subtask", css_class="form-grid")
        return Layout("version", "description", "cause", place, "reason")

    @property
    def values(self) -> dict:
        """What edit_issue takes, beside the issue and the person."""
        owner = self.cleaned_data["owner"]
        return self.cleaned_data | {"department": owner.department, "owner": owner.user}


class AttemptForm(PlainForm):
    description = TextField(label=_("What was tried"), max_length=2000)


class GradeForm(QuestionFields, VersionedForm):
    """The two questions asked again."""

    reason = TextField(
        label=_("What has changed?"),
        rows=2,
        max_length=1000,
        help_text=_("The people concerned are told."),
    )


class AcknowledgeForm(PlainForm):
    """One click; a word with it if one likes."""

    note = TextField(
        label=_("Note"),
        rows=2,
        max_length=1000,
        required=False,
        help_text=_("Everybody who may see the issue can read it."),
    )


class SolutionForm(PlainForm):
    """Measures, the one responsible person, the new due date (R21)."""

    owner = ResponsibleField(
        label=_("Responsible department and person"),
        help_text=_("Exactly one person answers for the whole solution."),
    )
    due_date = DateField(label=_("New due date"))
    meeting = MeetingField(
        label=_("Coordination meeting"),
        queryset=Communication.objects.none(),
        required=False,
        empty_label=_("Agreed without a meeting"),
        help_text=_("The communication in which it was agreed."),
    )

    def __init__(self, data=None, *args, task, people, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.fields["owner"].offer(people)
        talks = task.communications.exclude(state=CommunicationState.CANCELLED)
        self.fields["meeting"].queryset = talks
        self.measures = MEASURES(data, prefix="measures", form_kwargs={"people": people})

    def layout(self):
        return Layout(Div("owner", "due_date", "meeting", css_class="form-grid"))

    def is_valid(self):
        return all([super().is_valid(), self.measures.is_valid()])

    @property
    def values(self) -> dict:
        """What record_solution takes, beside the issue and the person."""
        owner = self.cleaned_data["owner"]
        measures = [row | {"owner": row["owner"].user} for row in self.measures.rows]
        whose = {"department": owner.department, "owner": owner.user}
        return self.cleaned_data | whose | {"measures": measures}


class NextStepFields(forms.Form):
    """How the loop goes on (R22)."""

    next_step = TextField(label=_("Next step"), rows=2, required=False)
    next_date = DateField(label=_("Next step due"), required=False)


class AnswerForm(NextStepFields, VersionedForm):
    """Solved or not; when not, what next and by when (R22)."""

    result = forms.ChoiceField(
        label=_("Result"),
        choices=[(Result.SOLVED, _("Solved")), (Result.UNSOLVED, _("Not solved"))],
        widget=forms.RadioSelect,
    )
    result_text = TextField(label=_("What came of it"), rows=2, required=False)

    field_order = ("result", "result_text", "next_step", "next_date")

    def layout(self):
        goes_on = Fieldset(_("If it is not solved"), "next_step", "next_date")
        return Layout("version", "result", "result_text", goes_on)

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("result") == Result.UNSOLVED:
            for name in ("next_step", "next_date"):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, _("Not solved: a next step with a date is needed."))
        return cleaned


class ReturnForm(NextStepFields, PlainForm):
    """The check failed: why, what next, and by when (R23)."""

    reason = TextField(label=_("What did the check show?"), rows=2)

    field_order = ("reason", "next_step", "next_date")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["next_step"].required = self.fields["next_date"].required = True
