"""Who sees a task: a confidential one is open to few, and others are let in by name (R29)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import history
from coordination.errors import DomainError
from deadlines.models import Deadline
from deadlines.services import tell
from tasks import permissions
from tasks.choices import Stage
from tasks.models import Task, TaskMember
from tasks.services.shared import involve, lock_task, tell_everybody
from tasks.workflow import CHANGEABLE


class SeesItAlready(DomainError):
    code = "sees_it_already"
    message = _("%(person)s sees this task already.")


class HasAPart(DomainError):
    code = "has_a_part"
    message = _("%(person)s has a part in the task and so sees it.")


class CannotSignIn(DomainError):
    code = "cannot_sign_in"
    message = _("%(person)s can no longer sign in.")


@transaction.atomic
def make_confidential(*, task, by, now, reason="") -> Task:
    """From now on only the initiator, the heads of its departments and people named see it.

    Named are its contacts, too, and whoever owes something in it, as a superior who was told.
    """
    task = lock_task(task, stages=CHANGEABLE)
    permissions.TASK.require(by, "decide_who_sees", task)
    involve(task, *(c.contact for c in task.collaborations.select_related("contact")))
    involve(task, *_owing_in(task.pk))
    return _decide(task, True, by, now, reason)


@transaction.atomic
def make_open(*, task, by, now, reason="") -> Task:
    """From now on everybody in its departments, those above them and whoever is named see it."""
    task = lock_task(task, stages=CHANGEABLE)
    permissions.TASK.require(by, "decide_who_sees", task)
    return _decide(task, False, by, now, reason)


def _owing_in(task_id) -> list[User]:
    owed = Deadline.objects.open().filter(task_id=task_id)
    return list(User.objects.filter(deadlines__in=owed).distinct())


def _decide(task, confidential, by, now, reason) -> Task:
    action = "task.made_confidential" if confidential else "task.made_open"
    event = history.change(
        task, action, by=by, now=now, reason=reason.strip(), is_confidential=confidential
    )
    if event and not task.is_draft:
        tell_everybody(task, event, now)
    return task


@transaction.atomic
def let_see(*, task, person, by, now) -> TaskMember:
    """Lets one person see the task that has no part in it, an archived one, too."""
    task = lock_task(task, stages=Stage.values)
    permissions.TASK.require(by, "decide_who_sees", task)
    if not person.is_active:
        raise CannotSignIn(CannotSignIn.message % {"person": person}, field="person")
    if Task.objects.visible_to(person).filter(pk=task.pk).exists():
        raise SeesItAlready(SeesItAlready.message % {"person": person}, field="person")
    member = TaskMember.objects.create(task=task, user=person, named_by=by)
    event = _record(task, "task.let_see", by, now, (None, person))
    if not task.is_draft:
        tell(event=event, people=[person], link=task.get_absolute_url(), now=now, task=task)
    return member


@transaction.atomic
def stop_seeing(*, member, by, now) -> None:
    """Takes back what `let_see` gave; whoever has a part by now keeps seeing the task."""
    task = lock_task(member.task, stages=Stage.values)
    permissions.TASK.require(by, "decide_who_sees", task)
    member.refresh_from_db()
    if member.named_by_id is None:
        raise HasAPart(HasAPart.message % {"person": member.user})
    member.delete()
    _record(task, "task.stopped_seeing", by, now, (member.user, None))


def _record(task, action, by, now, person):
    return history.record(task, action, by=by, now=now, changes={"person": person})
