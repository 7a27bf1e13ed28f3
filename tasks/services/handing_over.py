"""Hands over what a person holds in tasks, one thing at a time (accounts.leaving)."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.leaving import Held, NoLongerTheirs, require_theirs
from accounts.models import User
from audit import history
from coordination.errors import DomainError
from deadlines.services import keep_duties, move_duties, tell
from tasks.choices import PROMISED, SubtaskState
from tasks.models import Collaboration, Subtask, SupportRequest, Task
from tasks.services.drafting import require_reason
from tasks.services.initiation import NotInDepartment
from tasks.services.shared import involve, lock_task, people_concerned
from tasks.workflow import CHANGEABLE, SHARED


class MayNotInitiate(DomainError):
    code = "may_not_initiate"
    message = _("Only the head of %(department)s or one of its contacts leads its tasks.")


@transaction.atomic
def hand_over_task(*, task, former, to, by, now, reason) -> Task:
    """Somebody else leads the task or the draft: the head or a contact of its department (R1)."""
    task = lock_task(task, stages=CHANGEABLE)
    require_handing_over(by, former, task.department_id, reason)
    require_theirs(task.initiator_id, former)
    if not initiators_of(task.department).filter(pk=to.pk).exists():
        words = {"department": task.department}
        raise MayNotInitiate(MayNotInitiate.message % words, field="to")
    event = history.change(task, "task.handed_over", by=by, now=now, reason=reason, initiator=to)
    if not task.is_draft:
        involve(task, to)
    keep_duties(task, now=now)
    move_duties(task=task, former=former, now=now)
    people = [to, former] if task.is_draft else [*people_concerned(task), former]
    tell(event=event, people=people, link=task.get_absolute_url(), now=now, task=task)
    return task


@transaction.atomic
def hand_over_seat(*, collaboration, former, to, by, now, reason) -> Collaboration:
    """Somebody else of the department acts for it in the task."""
    task = lock_task(collaboration.task, stages=SHARED)
    require_handing_over(by, former, collaboration.department_id, reason)
    collaboration.refresh_from_db()
    require_theirs(collaboration.contact_id, former)
    require_member(to, collaboration.department_id)
    action = "contact.handed_over"
    event = history.change(collaboration, action, by=by, now=now, reason=reason, contact=to)
    asked = SupportRequest.objects.filter(subtask__task=task, department=collaboration.department)
    involve(task, to)
    keep_duties(collaboration, *asked, now=now)
    people, link = [to, former, task.initiator], task.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=task)
    return collaboration


@transaction.atomic
def hand_over_subtask(*, subtask, former, to, by, now, reason) -> Subtask:
    """Somebody else of the responsible department is the one responsible person (R10)."""
    task = lock_task(subtask.task, stages=SHARED)
    require_handing_over(by, former, subtask.department_id, reason)
    subtask.refresh_from_db()
    require_theirs(subtask.owner_id, former)
    if subtask.state != SubtaskState.OPEN:
        raise NoLongerTheirs
    require_member(to, subtask.department_id)
    # Whoever has helped is now responsible, and not a helper too.
    helpers = [helper for helper in subtask.helpers.all() if helper != to]
    action, new = "subtask.handed_over", {"owner": to, "helpers": helpers}
    event = history.change(subtask, action, by=by, now=now, reason=reason, **new)
    involve(task, to)
    keep_duties(subtask, now=now)
    people, link = [to, former, *helpers, task.initiator], subtask.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=task)
    return subtask


@transaction.atomic
def hand_over_support(*, request, former, to, by, now, reason) -> SupportRequest:
    """Somebody else of the asked department delivers what was promised; the promise stands."""
    subtask = request.subtask
    task = lock_task(subtask.task, stages=SHARED)
    require_handing_over(by, former, request.department_id, reason)
    request.refresh_from_db()
    require_theirs(request.delivers_id, former)
    if request.state not in PROMISED:
        raise NoLongerTheirs
    require_member(to, request.department_id)
    SupportRequest.objects.filter(pk=request.pk).update(deliverer=to, version=request.version + 1)
    changes, action = {"deliverer": (former, to)}, "support.handed_over"
    event = history.record(request, action, by=by, now=now, changes=changes, reason=reason)
    involve(task, to)
    keep_duties(request, now=now)
    people, link = [to, former, subtask.owner], subtask.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=task)
    return request


def initiators_of(department):
    """Who may lead the tasks of a department: its head and its contacts (R1)."""
    may = Q(headed_departments=department) | Q(contact_roles__department=department)
    return User.objects.active().filter(may).distinct()


def require_handing_over(by, former, department_id, reason) -> None:
    """What every hand-over begins with: it is permitted, and says why."""
    permissions.HELD.require(by, "hand_over", Held(former, department_id))
    require_reason(reason)


def require_member(person, department_id) -> None:
    """R10: whoever is responsible for a department works there."""
    if not person.is_active or not person.memberships.filter(department=department_id).exists():
        raise NotInDepartment(field="to")
