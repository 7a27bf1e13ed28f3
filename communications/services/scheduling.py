"""Talks before their log: scheduled ahead, moved, cancelled, or simply held (R8, R13)."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit import history
from communications import permissions
from communications.models import NOT_LOGGED, Communication, CommunicationState, Method, Purpose
from communications.policies import to_the_minute
from communications.services.shared import (
    accounts_in,
    check_order,
    require_current,
    tell_people,
    write_participants,
)
from coordination.errors import DomainError
from deadlines.services import keep_duties
from tasks.permissions import seats_of
from tasks.services.drafting import require_reason
from tasks.services.shared import involve, lock_task
from tasks.workflow import SHARED


class AlreadyOver(DomainError):
    code = "already_over"
    message = _("A time that has passed cannot be scheduled. Enter the talk with “We talked”.")


class EndsInFuture(DomainError):
    code = "ends_in_future"
    message = _("This has not ended yet. Schedule it, or correct the end.")


class HasEnded(DomainError):
    code = "has_ended"
    message = _("It has ended, and its 24 hours run. Log it, or cancel it and schedule it anew.")


class NotAKeeper(DomainError):
    code = "not_a_keeper"
    message = _("The log is kept by the initiator or a contact of the initiating department.")


def keepers_of(task):
    """Who may keep the logs of a task: its initiator and the contacts of its department (R13)."""
    keeps = Q(pk=task.initiator_id) | Q(contact_roles__department=task.department_id)
    return User.objects.active().filter(keeps).distinct()


@transaction.atomic
def schedule_communication(
    *,
    task,
    by,
    now,
    topic,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    purpose=Purpose.REGULAR,
    method=Method.MEETING,
    place="",
    participants=(),
    keeper=None,
) -> Communication:
    """Calls a talk; its clock of 24 hours starts by itself when it ends (R8, R13).

    `participants` is [{"department_name", "name"}, …]; those with an account are told and may see
    the task. `keeper` is one of `keepers_of(task)`, by default the initiator. Kickoff,
    coordination and review meetings are called by the initiating department.
    """
    task = lock_task(task, stages=SHARED)
    permissions.TASK.require(by, permissions.act_of(purpose), task)
    _check_ahead(starts_at, ends_at, now)
    communication = Communication.objects.create(
        task=task,
        purpose=purpose,
        method=method,
        topic=topic.strip(),
        place=place.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        state=CommunicationState.SCHEDULED,
        opened_by=by,
        keeper=_keeper(task, keeper),
    )
    changes = write_participants(communication, participants)
    event = history.record(
        communication, "communication.scheduled", by=by, now=now, changes=changes
    )
    involve(task, communication.keeper, *accounts_in(communication))
    keep_duties(communication, now=now)
    tell_people(communication, event, now)
    return communication


@transaction.atomic
def we_talked(
    *, task, by, now, ended_at=None, topic="", method=Method.CALL, participants=()
) -> Communication:
    """Starts the 24 hours of a talk nobody had scheduled: a stub for the initiator to log (R13).

    `by` took part; `ended_at` is now unless given. People from outside the departments of the
    task are kept by name; only the log lets them see the task.
    """
    task = lock_task(task, stages=SHARED)
    permissions.TASK.require(by, "we_talked", task)
    ended_at = to_the_minute(ended_at or now)
    if ended_at > now:
        raise EndsInFuture(field="ended_at")
    communication = Communication.objects.create(
        task=task,
        method=method,
        topic=topic.strip() or gettext("Unscheduled talk"),
        starts_at=ended_at,
        ends_at=ended_at,
        state=CommunicationState.TO_LOG,
        opened_by=by,
        keeper=task.initiator,
    )
    involved = {seat.department_id for seat in seats_of(task)}
    people = [*_as_participant(by, involved), *participants]
    changes = write_participants(communication, people, only=involved)
    event = history.record(communication, "communication.held", by=by, now=now, changes=changes)
    keep_duties(communication, now=now)
    tell_people(communication, event, now)
    return communication


@transaction.atomic
def edit_communication(
    *, communication, by, now, version, participants=None, reason="", **new
) -> Communication:
    """Moves or changes a scheduled talk; the log's deadline moves with it, people are told.

    `new` are topic, method, place, starts_at, ends_at, keeper. `participants` None leaves them as
    they are.
    """
    task = lock_task(communication.task, stages=SHARED)
    permissions.COMMUNICATION.require(by, "edit", communication)
    scheduled = [CommunicationState.SCHEDULED]
    require_current(communication, scheduled, by=by, now=now, version=version)
    if "keeper" in new:
        new["keeper"] = _keeper(task, new["keeper"])
    starts_at, ends_at = _times(communication, new)
    if (starts_at, ends_at) != (communication.starts_at, communication.ends_at):
        if communication.ends_at <= now:
            raise HasEnded(field="ends_at")
        _check_ahead(starts_at, ends_at, now)
    before = [*accounts_in(communication), communication.keeper]
    extra = {} if participants is None else write_participants(communication, participants)
    event = history.change(
        communication, "communication.edited", by=by, now=now, reason=reason, extra=extra, **new
    )
    if event:
        involve(task, communication.keeper, *accounts_in(communication))
        keep_duties(communication, now=now)
        tell_people(communication, event, now, *before)
    return communication


@transaction.atomic
def cancel_communication(*, communication, by, now, reason) -> Communication:
    """It does not, or did not, take place: nothing is to be logged. The row and why stay."""
    lock_task(communication.task, stages=SHARED)
    permissions.COMMUNICATION.require(by, "cancel", communication)
    require_reason(reason)
    event = history.move(
        communication,
        "communication.cancelled",
        by=by,
        now=now,
        old=NOT_LOGGED,
        to=CommunicationState.CANCELLED,
        reason=reason,
    )
    keep_duties(communication, now=now, how="cancelled")
    tell_people(communication, event, now)
    return communication


def _check_ahead(starts_at, ends_at, now):
    check_order(starts_at, ends_at)
    if ends_at <= now:
        raise AlreadyOver(field="ends_at")


def _keeper(task, keeper):
    if keeper is None or keeper == task.initiator:
        return task.initiator
    if not keepers_of(task).filter(pk=keeper.pk).exists():
        raise NotAKeeper(field="keeper")
    return keeper


def _times(communication, new):
    return new.get("starts_at", communication.starts_at), new.get("ends_at", communication.ends_at)


def _as_participant(person, involved):
    """The person as a participant: of a department of the task where they belong to one."""
    memberships = list(person.memberships.select_related("department").order_by("-is_main", "pk"))
    memberships.sort(key=lambda m: m.department_id not in involved)
    return [
        {"department_name": m.department.name, "name": person.name, "user": person}
        for m in memberships[:1]
    ]
