"""Forms of talks, logs and action items, with the rows below them."""

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from communications.models import Method, Purpose
from coordination.forms import DateField, MomentField, PlainForm, TextField, VersionedForm
from coordination.formsets import RowForm, row_formset
from coordination.markup import HINT
from coordination.words import listing

ROWS_READY = 2
"""Empty rows that stand ready, so that two can be entered at once without script."""

NOTE = {
    "hx-post": reverse_lazy("communications:conclusions_note"),
    "hx-trigger": "input changed delay:600ms",
    "hx-target": "#conclusions-note",
    "hx-sync": "this:replace",
    # The key that makes the log act once is not used up by looking at its text.
    "hx-params": "not once",
}


class PersonField(forms.CharField):
    """Exactly one active person, typed or picked: "研发部 工程师F" (R28). Gives the User.

    `people` is the Directory of the task, set by the form.
    """

    default_error_messages = {
        "nobody": _("Name exactly one person who works here, such as one from the list."),
        "several": _("Several people are called that. Which one: %(labels)s?"),
    }

    def __init__(self, **kwargs):
        widget = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        super().__init__(max_length=200, widget=widget, **kwargs)

    def prepare_value(self, value):
        return self.people.label(value) if isinstance(value, User) else value

    def clean(self, value) -> User | None:
        text = super().clean(value)
        meant = self.people.find(text) if text else []
        if text and not meant:
            raise forms.ValidationError(self.error_messages["nobody"], code="nobody")
        if len(meant) > 1:
            labels = listing(entry.label for entry in meant)
            raise forms.ValidationError(
                self.error_messages["several"], code="several", params={"labels": labels}
            )
        return meant[0].user if meant else None


class ParticipantForm(RowForm):
    """A participant; the department may be left to the list when the name says it all."""

    department_name = forms.CharField(
        label=_("Department"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"list": "departments", "autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        widget=forms.TextInput(attrs={"list": "people", "autocomplete": "off"}),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["name"].grow = True

    def clean(self):
        cleaned = super().clean()
        name, department = cleaned.get("name", ""), cleaned.get("department_name", "")
        meant = self.people.find(name) if name else []
        if len(meant) == 1 and department in ("", meant[0].department):
            user = meant[0].user
            cleaned |= {"name": user.name, "department_name": meant[0].department, "user": user}
        if name and "department_name" not in self.errors and not cleaned["department_name"]:
            self.add_error("department_name", _("Say which department."))
        return cleaned


class ActionItemRow(RowForm):
    """Who does what by when."""

    owner = PersonField(label=_("Who"))
    what = forms.CharField(label=_("What"), max_length=300)
    due_date = DateField(label=_("By when"))

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].people = people
        self.fields["what"].grow = True


ParticipantRows = row_formset(ParticipantForm, extra=ROWS_READY)
ActionItemRows = row_formset(ActionItemRow, extra=ROWS_READY)


class WithRows(forms.Form):
    """A form with rows below it: checked with it, refused with it, kept with it."""

    rowsets = {"participants": ParticipantRows}

    def __init__(self, data=None, *args, people, initial_rows=None, **kwargs):
        super().__init__(data, *args, **kwargs)
        self.people = people
        self.problems = {}
        self.rows = {
            name: rowset(
                data,
                prefix=name,
                initial=(initial_rows or {}).get(name),
                form_kwargs={"people": people},
            )
            for name, rowset in self.rowsets.items()
        }

    def is_valid(self) -> bool:
        checks = [super().is_valid(), *(rows.is_valid() for rows in self.rows.values())]
        return all(checks)

    def refuse(self, error) -> None:
        """A refusal about rows stands above them."""
        if error.field in self.rows:
            self.problems[error.field] = error.message
        else:
            super().refuse(error)

    @property
    def values(self) -> dict:
        """What the services take: the form's own fields and the rows of each kind."""
        return self.cleaned_data | {name: rows.rows for name, rows in self.rows.items()}


class TalkFields(forms.Form):
    """What is known of a talk before it is held."""

    topic = forms.CharField(label=_("Topic"), max_length=200)
    starts_at = MomentField(label=_("Start"))
    ends_at = MomentField(label=_("End"))
    method = forms.ChoiceField(label=_("Method"), choices=Method)
    place = forms.CharField(label=_("Place or link"), max_length=300, required=False)
    keeper = forms.ModelChoiceField(
        label=_("Keeps the log"),
        queryset=User.objects.none(),
        empty_label=None,
        help_text=_("Within 24 hours of the end."),
    )

    def talk_layout(self):
        return [
            Field("topic"),
            Div(Field("starts_at"), Field("ends_at"), css_class="form-grid"),
            Div(Field("method"), Field("place"), Field("keeper"), css_class="form-grid"),
        ]


class ScheduleForm(TalkFields, WithRows, PlainForm):
    purpose = forms.ChoiceField(label=_("Occasion"), choices=Purpose)

    def __init__(self, *args, keepers, purposes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = keepers
        self.fields["purpose"].choices = purposes

    def layout(self):
        return Layout(Field("purpose"), *self.talk_layout())


class TalkEditForm(TalkFields, WithRows, VersionedForm):
    reason = TextField(
        label=_("Why is it changed?"),
        rows=2,
        max_length=1000,
        required=False,
        help_text=_("The people concerned are told."),
    )

    def __init__(self, *args, keepers, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = keepers

    def layout(self):
        return Layout(Field("version"), *self.talk_layout(), Field("reason"))


class WeTalkedForm(WithRows, PlainForm):
    """Everything has a default: sending it as it is starts the clock now."""

    ended_at = MomentField(label=_("It ended"), required=False)
    method = forms.ChoiceField(
        label=_("Method"), choices=Method, initial=Method.CALL, required=False
    )
    topic = forms.CharField(
        label=_("Topic"),
        max_length=200,
        required=False,
        help_text=_("May wait for the log."),
    )

    def layout(self):
        return Layout(
            Div(Field("ended_at"), Field("method"), css_class="form-grid"), Field("topic")
        )

    def clean_method(self):
        return self.cleaned_data["method"] or Method.CALL


class LogForm(WithRows, VersionedForm):
    """The log of a talk as it really was (R14)."""

    rowsets = {"participants": ParticipantRows, "action_items": ActionItemRows}

    topic = forms.CharField(label=_("Topic"), max_length=200)
    starts_at = MomentField(label=_("Start"))
    ends_at = MomentField(label=_("End"))
    method = forms.ChoiceField(label=_("Method"), choices=Method)
    place = forms.CharField(label=_("Place or link"), max_length=300, required=False)
    conclusions = TextField(
        label=_("Key conclusions"),
        rows=5,
        help_text=format_lazy(
            "{} {}", _("What was decided, confirmed or agreed; not what was said."), HINT
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["conclusions"].widget.attrs |= NOTE

    def layout(self):
        return Layout(
            Field("version"),
            Field("topic"),
            Div(Field("starts_at"), Field("ends_at"), css_class="form-grid"),
            Div(Field("method"), Field("place"), css_class="form-grid"),
        )


class CorrectionForm(LogForm):
    reason = TextField(
        label=_("Why is it corrected?"),
        rows=2,
        max_length=1000,
        help_text=_("The people concerned are told. When and how late it was recorded stays."),
    )


class DoneForm(PlainForm):
    result = forms.CharField(label=_("What came of it"), max_length=300, required=False)


class ActionItemForm(VersionedForm):
    what = forms.CharField(label=_("What"), max_length=300)
    owner = PersonField(label=_("Who"), help_text=_("Exactly one person."))
    due_date = DateField(label=_("By when"))
    reason = TextField(
        label=_("Why is it changed?"),
        rows=2,
        max_length=1000,
        help_text=_("The people concerned are told."),
    )

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = self.fields["owner"].people = people

    def layout(self):
        return Layout(
            Field("version"),
            Field("what"),
            Div(Field("owner"), Field("due_date"), css_class="form-grid"),
            Field("reason"),
        )
