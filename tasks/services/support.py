"""Support that one department needs from another, and what the other promises (R9)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError
from deadlines.services import keep_duties, tell
from tasks import permissions
from tasks.choices import PENDING, PROMISED, SupportState
from tasks.models import SupportRequest
from tasks.services.assignment import seat_or_refuse
from tasks.services.drafting import ReasonMissing
from tasks.services.shared import lock_task
from tasks.workflow import ASSIGNMENT_OPEN, WORK_OPEN


class OwnDepartment(DomainError):
    code = "own_department"
    message = _("Support is asked from another department.")


class DateMissing(DomainError):
    code = "date_missing"
    message = _("Name the date you can promise.")


@transaction.atomic
def ask_support(*, subtask, department, what, needed_by, by, now) -> SupportRequest:
    """Asks another department of the task for something, by a date."""
    task = lock_task(subtask.task, stages=ASSIGNMENT_OPEN)
    permissions.SUBTASK.require(by, "ask_support", subtask)
    seat_or_refuse(task, department)
    if department.pk == subtask.department_id:
        raise OwnDepartment(field="department")
    request = SupportRequest.objects.create(
        subtask=subtask, department=department, what=what, needed_by=needed_by, asked_at=now
    )
    event = history.record(request, "support.asked", by=by, now=now)
    keep_duties(request, now=now)
    _tell(request, event, [department.head, _contact(task, department)], now)
    return request


@transaction.atomic
def answer_support(
    *, request, answer, by, now, promised_date=None, words="", version=None
) -> SupportRequest:
    """Accepts for the asked date, promises another date, or declines; the last two say why.

    `version` is the one the person had opened; a stale one raises EditedMeanwhile.
    """
    lock_task(request.subtask.task, stages=ASSIGNMENT_OPEN)
    permissions.SUPPORT.require(by, "answer", request)
    promised_date = _promise(request, answer, promised_date)
    if answer != SupportState.ACCEPTED and not words.strip():
        raise ReasonMissing(field="words")
    event = history.move(
        request,
        f"support.{answer}",
        by=by,
        now=now,
        old=[*PENDING, SupportState.DECLINED],
        to=answer,
        version=version,
        promised_date=promised_date,
        answer=words.strip(),
        answered_by=by,
        **({"deliverer": None} if request.deliverer_id else {}),
        answered_at=now,
    )
    answered = event.changes["state"][0] == SupportState.ASKED
    keep_duties(request, now=now, how="done" if answered else "cancelled")
    _tell_both(request, event, now)
    return request


@transaction.atomic
def deliver_support(*, request, by, now) -> SupportRequest:
    """The promised support was given."""
    lock_task(request.subtask.task, stages=WORK_OPEN)
    permissions.SUPPORT.require(by, "deliver", request)
    event = history.move(
        request,
        "support.delivered",
        by=by,
        now=now,
        old=PROMISED,
        to=SupportState.DELIVERED,
        delivered_at=now,
    )
    keep_duties(request, now=now)
    _tell_both(request, event, now)
    return request


@transaction.atomic
def withdraw_support(*, request, by, now) -> SupportRequest:
    """The support is no longer needed."""
    lock_task(request.subtask.task, stages=ASSIGNMENT_OPEN)
    permissions.SUPPORT.require(by, "withdraw", request)
    event = history.move(
        request,
        "support.withdrawn",
        by=by,
        now=now,
        old=PENDING,
        to=SupportState.CANCELLED,
    )
    keep_duties(request, now=now, how="cancelled")
    _tell_both(request, event, now)
    return request


def _promise(request, answer, promised_date):
    """The date that stands after this answer: the asked one, another one, or none."""
    if answer == SupportState.ACCEPTED:
        return request.needed_by
    if answer == SupportState.RESCHEDULED:
        if promised_date is None:
            raise DateMissing(field="promised_date")
        return promised_date
    return None


def _contact(task, department):
    collaboration = task.collaborations.filter(department=department).first()
    return collaboration.contact if collaboration else task.initiator


def _tell_both(request, event, now):
    subtask = request.subtask
    contact = _contact(subtask.task, request.department)
    _tell(request, event, [subtask.owner, request.department.head, contact], now)


def _tell(request, event, people, now):
    subtask = request.subtask
    tell(event=event, people=people, link=subtask.get_absolute_url(), now=now, task=subtask.task)
