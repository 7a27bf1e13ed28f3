"""The form of the review: the review itself, a row for each target, the lessons."""

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from communications.models import Communication, CommunicationState, Purpose
from coordination.forms import NumberField, PlainForm, TextField, VersionedForm
from coordination.formsets import RowForm, row_formset
from reviews.models import LessonKind, Reached


class MeetingField(forms.ModelChoiceField):
    """A logged communication of the task, by its time and topic."""

    def label_from_instance(self, meeting):
        return f"{date_format(localtime(meeting.starts_at), 'DATETIME_FORMAT')} · {meeting.topic}"


class ResultForm(PlainForm):
    """What was reached of one target, and whether that is what was wanted."""

    number = NumberField(label=_("Reached value"), required=False)
    reached = forms.ChoiceField(
        label=_("Judgement"), choices=[("", "—"), *Reached.choices], required=False
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args, target, **kwargs):
        self.target = target
        super().__init__(*args, prefix=f"target-{target.pk}", **kwargs)
        self.fields["note"].grow = True

    def clean(self):
        cleaned = super().clean()
        says_something = cleaned.get("note") or cleaned.get("number") is not None
        if says_something and not (cleaned.get("reached") or "reached" in self.errors):
            self.add_error("reached", _("Judge it: reached, partly reached or not reached."))
        return cleaned

    @property
    def result(self) -> dict | None:
        """The cleaned row as the service takes it; None for a target that nobody judged yet."""
        if not self.cleaned_data["reached"]:
            return None
        return {"target": self.target, **self.cleaned_data}


class LessonForm(RowForm):
    text = TextField(label=_("Lesson"), rows=2, max_length=1000)


LessonRows = row_formset(LessonForm)


class ReviewForm(VersionedForm):
    """The review with its rows, as one form: valid when every part is."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    meeting = MeetingField(
        label=_("Review meeting"),
        queryset=Communication.objects.none(),
        required=False,
        empty_label=_("Not held or not logged yet"),
        help_text=_("One of the logged communications of this task."),
    )
    summary = TextField(label=_("Summary"), required=False)

    def __init__(self, data=None, *, task, review, **kwargs):
        logged = task.communications.filter(state=CommunicationState.LOGGED)
        super().__init__(data, initial=_initial(review, logged), **kwargs)
        self.fields["meeting"].queryset = logged
        self.results = [
            ResultForm(data, target=target, initial=_result(target))
            for target in task.targets.all()
        ]
        lessons = review.lessons.all() if review else []
        self.lessons = {
            kind: LessonRows(data, prefix=kind, initial=_texts(lessons, kind))
            for kind in LessonKind.values
        }

    def is_valid(self):
        parts = [*self.results, *self.lessons.values()]
        return all([super().is_valid(), *(part.is_valid() for part in parts)])

    def layout(self):
        return Layout(Field("version"), Field("meeting"), Field("summary"))

    @property
    def values(self) -> dict:
        """What write_review takes, beside the task and the person."""
        results = [form.result for form in self.results if form.result]
        lessons = [
            {"kind": kind, "text": row["text"]}
            for kind, rows in self.lessons.items()
            for row in rows.rows
        ]
        return {**self.cleaned_data, "results": results, "lessons": lessons}


def _initial(review, logged):
    """What stands in the form; a first review proposes the meeting that was called for it."""
    if review is None:
        return {"version": 0, "meeting": logged.filter(purpose=Purpose.REVIEW).first()}
    return {"version": review.version, "meeting": review.meeting_id, "summary": review.summary}


def _result(target):
    result = getattr(target, "result", None)
    return {name: getattr(result, name) for name in ("number", "reached", "note")} if result else {}


def _texts(lessons, kind):
    return [{"text": lesson.text} for lesson in lessons if lesson.kind == kind]
