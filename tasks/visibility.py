"""Asked before anything is told: which tasks may this person see, and what is it to them?"""

from django.utils.translation import gettext as _

from tasks.models import Task, TaskMember
from tasks.permissions import seats_of


def visible_tasks(user, ids) -> set[int]:
    """Those of the tasks (by id) that the person may see (R29), in one statement."""
    return set(Task.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))


def parts_in(user, ids) -> dict[int, str]:
    """What part the person has in each of these tasks, in words, the nearest one; three statements
    and those of the person's standing.
    """
    tasks = Task.objects.filter(pk__in=ids).select_related("department")
    tasks = tasks.prefetch_related("collaborations__department")
    named = set(TaskMember.objects.filter(task__in=ids, user=user).values_list("task", flat=True))
    return {task.pk: _part_in(user, task, task.pk in named) for task in tasks}


def _part_in(user, task, is_named) -> str:
    if task.initiator_id == user.pk:
        return _("You have initiated the task.")
    standing = user.standing
    contact_for = {s.department_id for s in seats_of(task) if s.contact_id == user.pk}
    words = [
        (standing.heads, _("You head %(department)s, which takes part in the task.")),
        (standing.contact_for | contact_for, _("You act for %(department)s in the task.")),
        (standing.oversees, _("You are the senior manager above %(department)s.")),
    ]
    if is_named:
        words.insert(2, (_departments(task).keys(), _("You are named in the task.")))
    words.append((standing.member_of, _("You work in %(department)s, which takes part.")))
    for departments, text in words:
        mine = [name for pk, name in _departments(task).items() if pk in departments]
        if mine:
            return text % {"department": mine[0]}
    return ""


def _departments(task) -> dict[int, str]:
    """The departments in the task by id, the initiating one first."""
    others = {c.department_id: c.department.name for c in task.collaborations.all()}
    return {task.department_id: task.department.name} | others
