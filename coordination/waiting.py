"""What waits for a person besides deadlines: answers, promises and decisions that are theirs."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from tasks.choices import Answer, Stage, SupportState
from tasks.models import Collaboration, Subtask, SupportRequest, Task

AT_MOST = 20


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what to do, about what, in which task, and where."""

    act: str
    what: str
    context: str
    link: str


def waiting_for(user) -> list[Waiting]:
    """At most twenty of each kind, the same number of statements for everybody."""
    return [
        *_consultations(user),
        *_support(user),
        *_assignments(user),
        *_own_tasks(user),
        *_signatures(user),
    ]


def _seats(user):
    """Rows of departments for which the person acts."""
    standing = user.standing
    return Q(department__in=standing.heads | standing.contact_for)


def _in(stage):
    """The ids of the tasks in a stage, read from its index alone: few are open at any time."""
    return Task.objects.filter(stage=stage).order_by().values("pk")


def _consultations(user):
    rows = Collaboration.objects.filter(
        _seats(user) | Q(contact=user), answer=Answer.PENDING, task__in=_in(Stage.CONSULTATION)
    ).select_related("task", "department")
    return [
        Waiting(
            _("Answer the consultation"),
            row.task.title,
            f"{row.task.number} · {row.department}",
            reverse("tasks:consult_answer", args=[row.pk]),
        )
        for row in rows[:AT_MOST]
    ]


def _support(user):
    rows = SupportRequest.objects.filter(
        _seats(user),
        state=SupportState.ASKED,
        subtask__task__stage__in=[Stage.ASSIGNMENT, Stage.EXECUTION],
    ).select_related("subtask__task", "department")
    return [
        Waiting(
            _("Answer the support request"),
            row.what,
            f"{row.subtask.task} · {row.subtask}",
            reverse("tasks:support_answer", args=[row.pk]),
        )
        for row in rows[:AT_MOST]
    ]


def _assignments(user):
    """Tasks in which this person's department has not taken on anything yet."""
    own = Subtask.objects.filter(_seats(user), task=OuterRef("task"))
    rows = Collaboration.objects.filter(
        _seats(user) | Q(contact=user), ~Exists(own), task__in=_in(Stage.ASSIGNMENT)
    )
    # By task, as the index of the stage is: by its own key all of the table would be walked.
    rows = rows.order_by("task_id", "pk").select_related("task", "department")
    return [
        Waiting(
            _("Take on work items"),
            row.task.title,
            f"{row.task.number} · {row.department}",
            reverse("tasks:assignment", args=[row.task_id]),
        )
        for row in rows[:AT_MOST]
    ]


def _own_tasks(user):
    acts = {
        Stage.DRAFT: (_("Complete and submit the draft"), "tasks:task_edit"),
        Stage.CONSULTATION: (_("Follow the consultation"), "tasks:task_detail"),
        Stage.ASSIGNMENT: (_("Confirm the assignment"), "tasks:assignment"),
        Stage.REVIEW: (_("Write the review"), "reviews:review_detail"),
    }
    rows = Task.objects.filter(initiator=user, stage__in=acts).order_by("-pk")
    return [
        Waiting(
            acts[row.stage][0],
            row.title,
            row.number or "",
            reverse(acts[row.stage][1], args=[row.pk]),
        )
        for row in rows[:AT_MOST]
    ]


def _signatures(user):
    """Tasks under review that this head signs but did not initiate."""
    rows = Task.objects.filter(stage=Stage.REVIEW, department__in=user.standing.heads)
    return [
        Waiting(
            _("Sign and archive"),
            row.title,
            row.number,
            reverse("reviews:review_detail", args=[row.pk]),
        )
        for row in rows.exclude(initiator=user)[:AT_MOST]
    ]
