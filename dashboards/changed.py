"""What changed since a person was last here: the changes they were told of, task by task."""

import datetime as dt
from dataclasses import dataclass, field

from accounts.models import User
from accounts.visits import last_here
from deadlines import kinds
from deadlines.models import Notice

READ = 30
SHOWN = 4
"""So many changes of one task; all of them stand under the bell."""
FIRST_VISIT = dt.timedelta(days=7)


@dataclass
class TaskChanges:
    """The changes in one task, newest first; `context` is its number and name."""

    task_id: int | None
    context: str
    notices: list[Notice] = field(default_factory=list)

    @property
    def shown(self) -> list[Notice]:
        return self.notices[:SHOWN]

    @property
    def beyond(self) -> int:
        return max(len(self.notices) - SHOWN, 0)


@dataclass(frozen=True)
class Changes:
    since: dt.datetime
    is_first: bool
    """Nobody knows when the person was here before: the last week's."""
    tasks: list[TaskChanges]
    number: int
    goes_on: bool


def changes_for(user: User, now: dt.datetime) -> Changes:
    """What the person was told since their last visit, and may still see (R29)."""
    last = last_here(user, now)
    since = last or now - FIRST_VISIT
    told = Notice.objects.filter(recipient=user, created_at__gt=since).select_related("event")
    found = list(told.order_by("-created_at", "-pk")[: READ + 1])
    seen = kinds.visible_tasks(user, {notice.event.task_id for notice in found})
    shown = [notice for notice in found[:READ] if notice.event.task_id in seen]
    return Changes(
        since=since,
        is_first=last is None,
        tasks=_by_task(shown),
        number=len(shown),
        goes_on=len(found) > READ,
    )


def _by_task(notices) -> list[TaskChanges]:
    """The task with the newest change first."""
    groups = {}
    for notice in notices:
        key = notice.event.task_id
        groups.setdefault(key, TaskChanges(key, notice.context)).notices.append(notice)
    return list(groups.values())
