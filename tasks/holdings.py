"""What people hold in tasks: led, acted for, promised (accounts.leaving)."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.leaving import Kind, columns
from tasks.choices import PROMISED
from tasks.duties import open_subtasks
from tasks.models import Collaboration, Subtask, SupportRequest, Task
from tasks.services import handing_over
from tasks.workflow import SHARED


def _led(person, today):
    tasks = Task.objects.open().filter(initiator=person)
    return columns(tasks, name="title", day="end_date", department="department", **of_task(""))


def _seats(person, today):
    seats = Collaboration.objects.filter(contact=person, task__stage__in=SHARED)
    part = of_task("task__")
    return columns(seats, name="task__title", about="task", department="department", **part)


def _owned(person, today):
    subtasks = open_subtasks().filter(owner=person)
    part = of_task("task__")
    return columns(subtasks, name="name", day="due_date", department="department", **part)


def _promised(person, today):
    by_whom = Q(deliverer=person) | Q(deliverer=None, answered_by=person)
    requests = SupportRequest.objects.filter(
        by_whom, state__in=PROMISED, subtask__task__stage__in=SHARED
    )
    return columns(
        requests,
        name="what",
        about="subtask",
        day="promised_date",
        department="department",
        **of_task("subtask__task__"),
    )


def of_task(path: str) -> dict[str, str]:
    """The columns that say of which task it is; `path` leads there."""
    return {"task": f"{path}pk", "number": f"{path}number"}


KINDS = [
    Kind(
        code="task",
        label=_("Leads the task"),
        model=Task,
        rows=_led,
        page="tasks:task_detail",
        service=handing_over.hand_over_task,
        may_take=lambda people, thing: people.may_initiate(thing.department_id),
        hidden=_("The task %(number)s"),
        way_out=_("The department has no head and no contact: name one on its page first."),
    ),
    Kind(
        code="collaboration",
        label=_("Acts for the department in a task"),
        model=Collaboration,
        rows=_seats,
        page="tasks:task_detail",
        service=handing_over.hand_over_seat,
        hidden=_("A place in %(number)s"),
    ),
    Kind(
        code="subtask",
        label=_("Responsible for the subtask"),
        model=Subtask,
        rows=_owned,
        page="tasks:subtask_detail",
        service=handing_over.hand_over_subtask,
        hidden=_("A subtask in %(number)s"),
    ),
    Kind(
        code="request",
        label=_("Has promised support"),
        model=SupportRequest,
        rows=_promised,
        page="tasks:subtask_detail",
        service=handing_over.hand_over_support,
        hidden=_("A promise in %(number)s"),
    ),
]
