"""What every service of the stage apps begins or ends with."""

from collections.abc import Iterable

from accounts.models import Department
from coordination.errors import StageChanged
from deadlines.services import keep_duties, tell
from deadlines.terms import Terms
from tasks.models import Subtask, SupportRequest, Task, TaskMember


def lock_task(task: Task, *, stages: Iterable[str]) -> Task:
    """The task as it stands now, locked until the transaction ends.

    Raises StageChanged unless it is in one of `stages`: an archived or cancelled task takes no
    change, whichever door it comes through.
    """
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("department", "initiator")
        .get(pk=task.pk)
    )
    if task.stage not in stages:
        raise StageChanged
    return task


def remember_pause(row: Task | Subtask, ended_at, now) -> None:
    """The weeks between the end of a locked row's work and its being taken up again owe nothing."""
    terms = Terms.current(now)
    pause = [terms.local_day(moment).isoformat() for moment in (ended_at, now)]
    type(row).objects.filter(pk=row.pk).update(pauses=[*row.pauses, pause])


def involve(task: Task, *people) -> None:
    """Lets people who have a part in a task see it from now on (R29)."""
    for person in people:
        if person is not None:
            member, _is_new = TaskMember.objects.get_or_create(task=task, user=person)
            if member.named_by_id:
                TaskMember.objects.filter(pk=member.pk).update(named_by=None)


def keep_duties_of(task: Task, now) -> None:
    """Opens and moves what stages 1 to 3 owe in a task that has moved on; the rest is cancelled."""
    requests = SupportRequest.objects.filter(subtask__task=task)
    rows = [task, *task.collaborations.all(), *task.subtasks.all(), *requests]
    keep_duties(*rows, now=now, how="cancelled")


def departments_of(task: Task) -> list[Department]:
    """The departments of a task, the initiating one first."""
    return [task.department, *(c.department for c in task.collaborations.all())]


def heads_of(task: Task) -> list:
    """The heads of every department in the task, the initiating one first; gaps left out."""
    return [department.head for department in headed(task)]


def headed(task: Task) -> list[Department]:
    """The departments of a task that have a head, with it; the initiating one first."""
    seats = task.collaborations.select_related("department__head")
    departments = [task.department, *(seat.department for seat in seats)]
    return [department for department in departments if department.head_id]


def people_concerned(task: Task) -> list:
    """Who is told when the whole task changes: initiator, heads, owners of live subtasks."""
    owners = [s.owner for s in task.subtasks.live().select_related("owner")]
    return [task.initiator, *heads_of(task), *owners]


def tell_everybody(task: Task, event, now) -> None:
    """Tells all people concerned of a change of the whole task (R12)."""
    link = task.get_absolute_url()
    tell(event=event, people=people_concerned(task), link=link, now=now, task=task)
