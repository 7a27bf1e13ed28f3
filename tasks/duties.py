"""What stages 1 and 2 and the subtasks owe: by whom, by when, until what (deadlines.kinds)."""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, User
from deadlines.kinds import ANSWER_LADDER, DAY_LADDER, Kind, Owed
from tasks.choices import PROMISED, Answer, Stage, SubtaskState, SupportState
from tasks.models import Collaboration, Subtask, SupportRequest, Task
from tasks.workflow import ASSIGNMENT_OPEN, SHARED


def named_contacts(tasks: Iterable[int]) -> dict[tuple[int, int], User]:
    """The people who act for a department in these tasks only, by (task, department)."""
    named = Collaboration.objects.filter(task__in=tasks, contact__isnull=False)
    return {(c.task_id, c.department_id): c.contact for c in named.select_related("contact")}


def lock_tasks_of(department: Department) -> None:
    """Locks the tasks under way that a department has started or takes part in."""
    lock_tasks(set(), {department.pk})


def lock_tasks(ids: set[int], departments: set[int]) -> None:
    """Locks these tasks, and those under way that the departments have started or take part in."""
    seats = Collaboration.objects.filter(department__in=departments)
    theirs = Q(department__in=departments) | Q(pk__in=seats.values("task"))
    tasks = Task.objects.filter(Q(pk__in=ids) | theirs & Q(stage__in=SHARED))
    list(tasks.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def speaker_of(task: Task, department: Department, contact: User | None) -> User:
    """Who answers for a department in a task: the contact named for it, else the head.

    The initiator where neither is there: somebody must find who answers.
    """
    there = [person for person in (contact, department.head) if person and person.is_active]
    return next(iter(there), task.initiator)


# Stage 1: the consultation (R7).


def _collaborations(stage):
    parts = ("task__department", "task__initiator", "department__head", "contact")
    return Collaboration.objects.filter(task__stage=stage).select_related(*parts)


def _to_answer():
    return _collaborations(Stage.CONSULTATION).filter(answer=Answer.PENDING)


def _consultation(collaboration, terms):
    due = terms.working_days("consultation", collaboration.asked_at)
    link = reverse("tasks:consult_answer", args=[collaboration.pk])
    return [_owed_by_department(collaboration, due, link)]


def _owed_by_department(collaboration, due, link):
    task, department = collaboration.task, collaboration.department
    return Owed(
        owner=speaker_of(task, department, collaboration.contact),
        due=due,
        what=str(department),
        link=link,
        task=task,
        department=department,
    )


# Stage 2: the assignment (R9–R12) and the support it needs.


def _to_take_on():
    return _collaborations(Stage.ASSIGNMENT).prefetch_related("task__work_items", "task__subtasks")


def _take_on(collaboration, terms):
    """Owed while the department has nothing in the task and there is something left to take."""
    task = collaboration.task
    live = [s for s in task.subtasks.all() if s.state != SubtaskState.CANCELLED]
    left = {item.pk for item in task.work_items.all()} - {s.work_item_id for s in live}
    if not left or collaboration.department_id in {s.department_id for s in live}:
        return []
    since = max(task.assignment_opened_at, collaboration.asked_at)
    due = terms.working_days("take_on", since)
    return [_owed_by_department(collaboration, due, reverse("tasks:assignment", args=[task.pk]))]


def _to_confirm():
    return Task.objects.filter(stage=Stage.ASSIGNMENT).select_related("department", "initiator")


def _confirm(task, terms):
    return [
        Owed(
            owner=task.initiator,
            due=terms.working_days("confirm", task.assignment_opened_at),
            what=task.title,
            link=reverse("tasks:assignment", args=[task.pk]),
            task=task,
            department=task.department,
        )
    ]


def _requests(states, stages):
    return (
        SupportRequest.objects.filter(state__in=states, subtask__task__stage__in=stages)
        .exclude(subtask__state=SubtaskState.CANCELLED)
        .select_related("department__head", "answered_by", "deliverer", "subtask__task__initiator")
        .prefetch_related("subtask__task__collaborations__contact")
    )


def _asked():
    return _requests([SupportState.ASKED], ASSIGNMENT_OPEN)


def _support_answer(request, terms):
    """Within the working days, but not later than the day on which the support is needed."""
    answer = terms.working_days("support_answer", request.asked_at)
    needed = terms.end_of_day(request.needed_by)
    return [
        Owed(
            owner=_asked_person(request),
            due=needed if request.asked_at < needed.at < answer.at else answer,
            what=request.what,
            link=reverse("tasks:support_answer", args=[request.pk]),
            task=request.subtask.task,
            department=request.department,
        )
    ]


def _promised():
    return _requests(PROMISED, SHARED)


def _support_delivery(request, terms):
    """Owed by whoever promised it or took the promise over, as long as that person is there."""
    promised_by = request.deliverer or request.answered_by
    return [
        Owed(
            owner=promised_by if promised_by.is_active else _asked_person(request),
            due=terms.end_of_day(request.promised_date),
            what=request.what,
            link=request.subtask.get_absolute_url(),
            task=request.subtask.task,
            department=request.department,
        )
    ]


def _asked_person(request):
    """Who answers for the asked department; for the initiating one that is the initiator."""
    task = request.subtask.task
    named = {c.department_id: c.contact for c in task.collaborations.all()}
    contact = named.get(request.department_id, task.initiator)
    return speaker_of(task, request.department, contact)


# Stage 3: subtasks.


def open_subtasks():
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
        code="consultation",
        label=_("Answer the consultation"),
        rule=_("after being asked"),
        model=Collaboration,
        may_owe=_to_answer,
        owed=_consultation,
        ladder=ANSWER_LADDER,
        within=2,
    ),
    Kind(
        code="take_on",
        label=_("Take on work items"),
        rule=_("after the opening of the assignment"),
        model=Collaboration,
        may_owe=_to_take_on,
        owed=_take_on,
        ladder=ANSWER_LADDER,
        within=3,
    ),
    Kind(
        code="confirm",
        label=_("Confirm the assignment"),
        rule=_("after the opening of the assignment"),
        model=Task,
        may_owe=_to_confirm,
        owed=_confirm,
        ladder=ANSWER_LADDER,
        within=5,
    ),
    Kind(
        code="support_answer",
        label=_("Answer the support request"),
        rule=_("after being asked, but by the day the support is needed"),
        model=SupportRequest,
        may_owe=_asked,
        owed=_support_answer,
        ladder=ANSWER_LADDER,
        within=2,
    ),
    Kind(
        code="support_delivery",
        label=_("Deliver the promised support"),
        rule=_("by the end of the day promised"),
        model=SupportRequest,
        may_owe=_promised,
        owed=_support_delivery,
        ladder=DAY_LADDER,
    ),
    Kind(
        code="subtask_due",
        label=_("Finish the subtask"),
        rule=_("by the end of its due date"),
        model=Subtask,
        may_owe=open_subtasks,
        owed=_subtask_due,
        ladder=DAY_LADDER,
    ),
]
