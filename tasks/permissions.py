"""Who may do what to a task and its parts. Pages, services and jobs read these tables.

Every act presupposes that the person may see the task (Task.objects.visible_to). Whoever stands in
for somebody absent acts like them, but for what is asked of one person alone.
"""

from dataclasses import dataclass

from coordination.permissions import Table, rule
from tasks.models import Task


@dataclass(frozen=True)
class Seat:
    """A department's place in a task; `contact_id` acts for it on this task only."""

    task: Task
    department_id: int
    contact_id: int | None = None


def seats_of(task: Task) -> list[Seat]:
    """The initiating department's seat first, then one for each collaborating department."""
    others = [Seat(task, c.department_id, c.contact_id) for c in task.collaborations.all()]
    return [Seat(task, task.department_id, task.initiator_id), *others]


def seat_of(task: Task, department) -> Seat | None:
    """The seat of a department in a task; None when it takes no part."""
    return next((s for s in seats_of(task) if s.department_id == department.pk), None)


class PartTable(Table):
    """What may be done to a task, or to something in it that knows its `task`.

    Nobody acts on what they may not see: a confidential task is open to few.
    """

    def allows(self, user, action, thing) -> bool:
        return super().allows(user, action, thing) and is_open_to(user, task_of(thing))


def task_of(thing) -> Task:
    """The task that a part belongs to; a task is its own."""
    return thing if isinstance(thing, Task) else thing.task


def is_open_to(user, task) -> bool:
    """Whether a task is not confidential, or is to this person all the same; asked once of each
    task as it was loaded.
    """
    if not task.is_confidential:
        return True
    known = task.__dict__.setdefault("known_open_to", {})
    if user.pk not in known:
        known[user.pk] = Task.objects.open_to(user).filter(pk=task.pk).exists()
    return known[user.pk]


@rule("initiator")
def is_initiator(user, task):
    return user.acts_as(task.initiator_id)


@rule("initiating head")
def heads_initiating(user, task):
    return task.department_id in user.standing.heads


@rule("initiating contact")
def is_initiating_contact(user, task):
    return task.department_id in user.standing.contact_for


leads = is_initiator | heads_initiating | is_initiating_contact


@rule("acts for an involved department")
def acts_in(user, task):
    return any(acts_for(user, seat) for seat in seats_of(task))


@rule("head, contact or named contact of the department")
def acts_for(user, seat):
    return seat.department_id in user.standing.heads | user.standing.contact_for or user.acts_as(
        seat.contact_id
    )


@rule("head of the department")
def heads_seat(user, seat):
    return seat.department_id in user.standing.heads


@rule("person involved")
def takes_part(user, task):
    """Works in an involved department, or has a part in the task; whoever was only let in by name
    reads it, and lets in nobody by naming them in turn.
    """
    standing = user.standing
    departments = {seat.department_id for seat in seats_of(task)}
    involved = departments & (standing.member_of | standing.heads | standing.contact_for)
    if involved:
        return True
    return task.members.filter(user__in=standing.people, named_by=None).exists()


@rule("responsible person")
def owns(user, subtask):
    return user.acts_as(subtask.owner_id)


@rule("acts for the responsible department")
def acts_for_responsible(user, subtask):
    seat = seat_of(subtask.task, subtask.department)
    return seat is not None and acts_for(user, seat)


@rule("acts for the asked department")
def acts_for_asked(user, request):
    seat = seat_of(request.subtask.task, request.department)
    return seat is not None and acts_for(user, seat)


@rule("delivers the support")
def delivers(user, request):
    return user.acts_as(request.delivers_id)


@rule("asked for the support")
def asked_for(user, request):
    return owns(user, request.subtask) or acts_for_responsible(user, request.subtask)


@rule("may open tasks for the department")
def may_initiate(user, department):
    """R1: the department's head, or a contact the head has named; nobody else."""
    return department.is_active and department.pk in (
        user.standing.heads | user.standing.contact_for
    )


DEPARTMENT = Table({"create_task": may_initiate})

TASK = PartTable(
    {
        "edit": leads,
        "submit": leads,
        "discard": leads,
        "revise": leads,
        "ask_again": leads,
        "open_assignment": leads,
        "confirm": leads,
        "finish": leads,
        "resume": leads,
        "cancel": is_initiator | heads_initiating,
        "decide_who_sees": is_initiator | heads_initiating,
    }
)

SEAT = PartTable({"answer": acts_for, "name_contact": heads_seat, "take_on": acts_for})

SUBTASK = PartTable(
    {
        "edit": acts_for_responsible,
        "cancel": acts_for_responsible,
        "report": owns | acts_for_responsible,
        "plan": owns | acts_for_responsible,
        "finish": owns | acts_for_responsible,
        "reopen": owns | acts_for_responsible,
        "ask_support": owns | acts_for_responsible,
    }
)

SUPPORT = PartTable(
    {
        "answer": acts_for_asked,
        "deliver": acts_for_asked | delivers,
        "withdraw": asked_for,
    }
)
