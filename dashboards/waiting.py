"""What waits for a person besides deadlines: their own tasks, to go on with."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from tasks.choices import Stage
from tasks.models import Task

AT_MOST = 20


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what to do, about what, in which task, and where."""

    act: str
    what: str
    context: str
    link: str


def waiting_for(user) -> list[Waiting]:
    """At most twenty, latest first."""
    acts = {
        Stage.DRAFT: (_("Complete and submit the draft"), "tasks:task_edit"),
        Stage.CONSULTATION: (_("Follow the consultation"), "tasks:task_detail"),
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
