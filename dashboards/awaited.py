"""What a person waits for: what others owe in the tasks, requests and issues that are theirs."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from accounts.models import User
from dashboards.places import lay_out
from deadlines import kinds
from deadlines.models import Deadline
from issues.models import Escalation, Issue
from tasks.choices import PENDING
from tasks.models import SupportRequest, Task
from tasks.workflow import SHARED

SHOWN = 12
READ = 100
SOON = dt.timedelta(days=7)


@dataclass(frozen=True)
class Awaited:
    """The most urgent of what is awaited; `number` of all, as far as they were read."""

    duties: list[Deadline]
    number: int
    late: int
    goes_on: bool
    """Whether there is more than was read."""

    @property
    def beyond(self) -> int:
        return self.number - len(self.duties)


def awaited_by(user: User, now: dt.datetime) -> Awaited:
    """What others owe the person and is late or due within a week, longest waiting first.

    A week's progress is awaited once the week is over: before, nobody is behind. What one subtask
    has not reported in several weeks is one line, the oldest week with `weeks_more`.
    """
    owed = (
        Deadline.objects.open()
        .filter(pk__in=_ids(user, now))
        .exclude(owner=user)
        .select_related("owner", "department")
        .order_by("due_at", "pk")
    )
    found = list(owed[: READ + 1])
    seen = kinds.visible_tasks(user, {duty.task_id for duty in found})
    merged = _weeks_together(duty for duty in found[:READ] if duty.task_id in seen)
    return Awaited(
        duties=lay_out(merged[:SHOWN], user),
        number=len(merged),
        late=sum(duty.due_at < now for duty in merged),
        goes_on=len(found) > READ,
    )


def _ids(user, now):
    """Each part by its index; none is large."""
    requests = SupportRequest.objects.order_by().filter(subtask__owner=user, state__in=PENDING)
    issues = Issue.objects.order_by().open().filter(Q(owner=user) | Q(recorded_by=user))
    told = Escalation.objects.order_by().filter(issue__in=issues.values("pk"))
    mine = Task.objects.order_by().filter(initiator=user, stage__in=SHARED)
    return _soon(now, task_id__in=mine.values("pk")).union(
        _about(SupportRequest, requests, now),
        _about(Issue, issues, now),
        _about(Escalation, told, now),
        all=True,
    )


def _about(model, rows, now):
    codes = [kind.code for kind in kinds.about(model)]
    label = model._meta.label_lower
    return _soon(now, kind__in=codes, subject_type=label, subject_id__in=rows.values("pk"))


def _soon(now, **what):
    owed = Deadline.objects.order_by().open().filter(due_at__lt=now + SOON, **what)
    return owed.exclude(kind="progress_update", due_at__gte=now).values_list("pk", flat=True)


def _weeks_together(duties) -> list[Deadline]:
    """In order, with one line for all weeks that a subject owes."""
    first = {}
    for duty in duties:
        key = (duty.kind, duty.subject_id) if duty.period else duty.pk
        if key in first:
            first[key].weeks_more += 1
        else:
            first[key], duty.weeks_more = duty, 0
    return list(first.values())
