"""Where the thing that an entry of the history is about can still be seen."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.apps import apps
from django.urls import reverse

from audit.models import Event
from coordination.trail.search import kind_in_words
from tasks.models import Task

PAGES = {
    "accounts.department": "accounts:department_detail",
    "accounts.user": "accounts:person_detail",
    "communications.communication": "communications:communication_detail",
    "issues.issue": "issues:issue_detail",
    "tasks.subtask": "tasks:subtask_detail",
    "tasks.task": "tasks:task_detail",
}


@dataclass(frozen=True)
class Entry:
    """An entry as the list shows it. `task` is None outside of tasks; `place` "" if there is no
    page of its subject, or no longer.
    """

    event: Event
    kind: str
    task: Task | None
    place: str


def entries_of(events: Sequence[Event]) -> list[Entry]:
    """Each with its task and place, for events that their reader may see. One statement for the
    tasks and one for each kind of thing among them.
    """
    tasks = Task.objects.in_bulk({event.task_id for event in events if event.task_id})
    there = _still_there(events)
    return [
        Entry(
            event,
            kind_in_words(event.subject_type),
            tasks.get(event.task_id),
            _place(event) if (event.subject_type, event.subject_id) in there else "",
        )
        for event in events
    ]


def _still_there(events) -> set[tuple[str, int]]:
    sought = defaultdict(set)
    for event in events:
        if event.subject_type in PAGES:
            sought[event.subject_type].add(event.subject_id)
    return {
        (kind, pk)
        for kind, ids in sought.items()
        for pk in apps.get_model(kind)._base_manager.filter(pk__in=ids).values_list("pk", flat=True)
    }


def _place(event) -> str:
    return reverse(PAGES[event.subject_type], args=[event.subject_id])
