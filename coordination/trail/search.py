"""Whose entries of the history a person may search, and what they narrow the search by."""

import datetime as dt

import django_filters
from django import forms
from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import User
from accounts.permissions import HISTORY
from audit.models import Event
from coordination.history_words import ACTIONS
from tasks.models import Task

EXPORTED = "history.exported"
A_DAY = [MinValueValidator(dt.date(1900, 1, 1)), MaxValueValidator(dt.date(2200, 1, 1))]
# Of the tasks whose name contains the words, the newest; of people, any.
TASKS, PEOPLE = 500, 200

OUTSIDE = {
    "person": "accounts.user",
    "department": "accounts.department",
    "absence": "accounts.absence",
    "organisation": "accounts.organisation",
    "calendar": "deadlines.calendarday",
    "ladder": "deadlines.ladder",
    "message": "deadlines.message",
    "history": "audit.seal",
}
"""What the first word of an action is done to; of no task."""
INSIDE = {
    "task": "tasks.task",
    "consultation": "tasks.collaboration",
    "subtask": "tasks.subtask",
    "support": "tasks.supportrequest",
    "plan": "tasks.plan",
    "progress": "tasks.progressupdate",
    "communication": "communications.communication",
    "action_item": "communications.actionitem",
    "issue": "issues.issue",
    "weekly_sync": "weekly.weeklyreport",
    "warning": "weekly.earlywarning",
    "review": "reviews.review",
    "contact": "tasks.taskmember",
    "weekly_report": "weekly.reading",
    "archive": "records.archive",
    "file": "attachments.attachment",
}
NEVER_SUBJECTS = {"tasks.plan", "tasks.taskmember", "weekly.earlywarning"}
"""Such acts are entries about what they belong to."""
KINDS_INSIDE = [*({*INSIDE.values()} - NEVER_SUBJECTS), "weekly.weeklysync"]
KINDS_OUTSIDE = [*OUTSIDE.values(), "deadlines.calendaryear"]


def seen_by(user):
    """The entries that this person may search (R29).

    Records administrators: those of the tasks they see, and those of no task. System
    administrators: those of no task, without what others have exported and sought.
    """
    if not HISTORY.allows(user, "search_tasks", None):
        return Event.objects.filter(task_id=None).exclude(action=EXPORTED)
    tasks = Task.objects.visible_to(user).filter(pk=OuterRef("task_id"))
    return Event.objects.filter(Q(task_id=None) | Exists(tasks))


class Search(django_filters.FilterSet):
    """Narrows `seen_by`, for the page and its export alike; the newest first."""

    person = django_filters.CharFilter(
        method="by_person", max_length=100, label=pgettext_lazy("who did it", "Person")
    )
    task = django_filters.CharFilter(
        method="in_task", max_length=100, label=gettext_lazy("Task number or name")
    )
    since = django_filters.DateFilter(
        method="from_day",
        label=pgettext_lazy("a span of days", "From"),
        validators=A_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = django_filters.DateFilter(
        method="to_day",
        label=pgettext_lazy("a span of days", "To"),
        validators=A_DAY,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    subject_type = django_filters.ChoiceFilter(
        label=gettext_lazy("Kind of subject"), empty_label=gettext_lazy("Any kind")
    )
    action = django_filters.ChoiceFilter(
        label=gettext_lazy("Action"), empty_label=gettext_lazy("Any action")
    )
    words = django_filters.CharFilter(
        field_name="subject_label",
        lookup_expr="icontains",
        max_length=100,
        label=gettext_lazy("Subject contains"),
    )

    class Meta:
        model = Event
        fields = ["person", "task", "since", "until", "subject_type", "action", "words"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        sees_tasks = HISTORY.allows(self.request.user, "search_tasks", None)
        if not sees_tasks:
            del self.filters["task"]
        self.filters["subject_type"].extra["choices"] = _kinds(sees_tasks)
        self.filters["action"].extra["choices"] = _actions(sees_tasks)

    def filter_queryset(self, events):
        """What cannot be read narrows to nothing: an export must not hold more than was asked."""
        found = super().filter_queryset(events) if self.form.is_valid() else events.none()
        return found.order_by("-at", "-pk")

    def by_person(self, events, _name, words):
        """By the name as it is now; of somebody who is no longer known, as it was then."""
        if words.casefold() == _("The system").casefold():
            return events.filter(actor_id=None)
        people = User.objects.filter(Q(name__icontains=words) | Q(username__iexact=words))
        ids = list(people.values_list("pk", flat=True)[:PEOPLE])
        return events.filter(actor_id__in=ids) if ids else events.filter(actor_name=words)

    def in_task(self, events, _name, words):
        tasks = Task.objects.listed_to(self.request.user).containing(words).order_by("-pk")
        return events.filter(task_id__in=list(tasks.values_list("pk", flat=True)[:TASKS]))

    def from_day(self, events, _name, day):
        return events.filter(at__gte=_midnight(day))

    def to_day(self, events, _name, day):
        return events.filter(at__lt=_midnight(day + dt.timedelta(days=1)))

    @property
    def is_narrowed(self) -> bool:
        return any(self.data.get(name) for name in self.filters)

    def in_words(self) -> list[tuple[str, str]]:
        """What was chosen: (field, value) as people read them."""
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        return [
            (str(self.form.fields[name].label), self._value_in_words(name, value))
            for name, value in chosen.items()
            if value
        ]

    def _value_in_words(self, name, value) -> str:
        choices = self.filters[name].extra.get("choices", [])
        flat = [pair for _group, pairs in choices if isinstance(pairs, list) for pair in pairs]
        return str(dict(flat or choices).get(value, value))


def _midnight(day) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def kind_in_words(subject_type: str) -> str:
    try:
        return str(capfirst(apps.get_model(subject_type)._meta.verbose_name))
    except LookupError:
        return subject_type


def _kinds(sees_tasks):
    kinds = [*(KINDS_INSIDE if sees_tasks else []), *KINDS_OUTSIDE]
    return sorted(((kind, kind_in_words(kind)) for kind in kinds), key=lambda pair: pair[1])


def _actions(sees_tasks):
    """The actions in words, grouped by what they are done to."""
    groups = (INSIDE if sees_tasks else {}) | OUTSIDE
    return [(kind_in_words(kind), _of_group(group)) for group, kind in groups.items()]


def _of_group(group) -> list[tuple[str, str]]:
    acts = [action for action in ACTIONS if action.partition(".")[0] == group]
    return [(action, str(ACTIONS[action]).format(subject="…")) for action in acts]
