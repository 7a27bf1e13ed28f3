"""Who sees a task and why (R29), for the page that says so: words for visible_to."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.standing import senior_managers
from accounts.tree import linked_departments
from tasks.models import Task, TaskMember
from tasks.services.shared import departments_of, headed

# So many names are offered while one types; any other is typed in full.
OFFERED = 300


@dataclass(frozen=True)
class Reader:
    """One person who sees the task in their own name, and the nearest reason."""

    person: User
    why: str
    let_in: TaskMember | None = None
    """The row by which they were let in without a part in the task; it can be taken back."""


def readers_by_name(task: Task) -> list[Reader]:
    """The initiator, the heads of the departments, the people named; all who see a confidential
    task. Three statements.
    """
    found = {task.initiator: Reader(task.initiator, _("Has initiated the task"))}
    for department in headed(task):
        why = _("Heads %(department)s") % {"department": department}
        found.setdefault(department.head, Reader(department.head, why))
    for member in task.members.select_related("user", "named_by").order_by("pk"):
        found.setdefault(member.user, _member(member))
    return list(found.values())


def _member(member) -> Reader:
    if member.named_by is None:
        return Reader(member.user, _("Has a part in the task"))
    why = _("Let in by %(person)s") % {"person": member.named_by}
    return Reader(member.user, why, let_in=member)


def readers_by_place(task: Task) -> list[tuple[str, str]]:
    """(whose place, who) of all others who see a task that is not confidential."""
    departments = departments_of(task)
    names = [_("Everybody in %(department)s") % {"department": d} for d in departments]
    return [
        *((name, "") for name in names),
        *((_("Senior manager"), str(person)) for person in _above(departments)),
        *((_("Records administrator"), str(person)) for person in _keep_records()),
    ]


def _above(departments) -> list[User]:
    tree = linked_departments()
    above = (person for d in departments for person in senior_managers(tree[d.pk]))
    return list(dict.fromkeys(above))


def _keep_records():
    return User.objects.active().filter(is_records_administrator=True)[:20]


def people_outside(task: Task) -> list[str]:
    """Names of people who might be let in: active ones with no part in the task, and of an open one
    from other departments.
    """
    people = (
        User.objects.active().exclude(task_memberships__task=task).exclude(pk=task.initiator_id)
    )
    if not task.is_confidential:
        people = people.exclude(memberships__department__in=departments_of(task))
    return list(people.order_by("name", "pk").values_list("name", flat=True)[:OFFERED])
