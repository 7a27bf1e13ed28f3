"""What stages 1 to 3 owe: by whom, by when, until what (deadlines.kinds)."""

from django.utils.translation import gettext_lazy as _

from deadlines.kinds import DAY_LADDER, Kind, Owed
from tasks.models import Collaboration, Subtask
from tasks.workflow import SHARED


def named_contacts(tasks):
    """The people who act for a department in these tasks only, by (task, department)."""
    named = Collaboration.objects.filter(task__in=tasks, contact__isnull=False)
    return {(c.task_id, c.department_id): c.contact for c in named.select_related("contact")}


def _open_subtasks():
    """Promises that are not kept yet, of tasks that have not ended."""
    return (
        Subtask.objects.open()
        .filter(task__stage__in=SHARED)
        .select_related("task", "department", "owner")
    )


def _subtask_due(subtask, terms):
    return [
        Owed(
            owner=subtask.owner,
            due=terms.end_of_day(subtask.due_date),
            what=subtask.name,
            link=subtask.get_absolute_url(),
            task=subtask.task,
            department=subtask.department,
        )
    ]


KINDS = [
    Kind(
        code="subtask_due",
        label=_("Finish the subtask"),
        rule=_("by the end of its due date"),
        model=Subtask,
        may_owe=_open_subtasks,
        owed=_subtask_due,
        ladder=DAY_LADDER,
    ),
]
