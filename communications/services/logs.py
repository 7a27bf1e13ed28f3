"""The log: completed once, within 24 hours or marked late for ever; corrected visibly (R13–R15)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from communications import permissions
from communications.models import NOT_LOGGED, Communication, CommunicationState
from communications.policies import log_late_by
from communications.services.action_items import agree_action_items
from communications.services.scheduling import EndsInFuture
from communications.services.shared import (
    ParticipantMissing,
    accounts_in,
    check_order,
    require_current,
    tell_people,
    write_participants,
)
from coordination.errors import DomainError
from deadlines.services import keep_duties
from tasks.services.drafting import require_reason
from tasks.services.shared import involve, lock_task
from tasks.workflow import SHARED


class ConclusionsMissing(DomainError):
    code = "conclusions_missing"
    message = _("A log says what was concluded.")


@transaction.atomic
def complete_log(
    *,
    communication,
    by,
    now,
    conclusions,
    participants,
    action_items=(),
    version=None,
    **corrected,
) -> Communication:
    """Completes the log of a talk that has ended; late once is late for ever (R14, R15).

    `participants` is [{"department_name", "name"}, …], `action_items` is [{"owner": User, "what",
    "due_date"}, …]; `corrected` may set topic, method, place, starts_at and ends_at as they
    really were. Of two people at once one wins; the other gets StageChanged.
    """
    task = lock_task(communication.task, stages=SHARED)
    permissions.COMMUNICATION.require(by, "complete", communication)
    require_current(communication, NOT_LOGGED, by=by, now=now, version=version)
    told = _checked(communication, corrected, conclusions, participants, now)
    extra = write_participants(communication, participants)
    items = agree_action_items(communication, action_items, now)
    event = history.move(
        communication,
        "communication.logged",
        by=by,
        now=now,
        old=NOT_LOGGED,
        to=CommunicationState.LOGGED,
        extra=extra | _agreed(items),
        recorder=by,
        recorded_at=now,
        late_by=_late_by(communication, told, now),
        **told,
    )
    keep_duties(communication, now=now)
    _let_in(task, communication)
    tell_people(communication, event, now, *(item.owner for item in items))
    return communication


@transaction.atomic
def correct_log(
    *,
    communication,
    by,
    now,
    version,
    reason,
    conclusions,
    participants,
    action_items=(),
    **corrected,
) -> Communication:
    """Corrects a completed log visibly, for a reason; recorder, time and late mark stay (R15).

    `action_items` are further ones that were left out; those there already are changed one by
    one (`edit_action_item`).
    """
    task = lock_task(communication.task, stages=SHARED)
    permissions.COMMUNICATION.require(by, "correct", communication)
    require_current(communication, [CommunicationState.LOGGED], by=by, now=now, version=version)
    require_reason(reason)
    told = _checked(communication, corrected, conclusions, participants, now)
    extra = write_participants(communication, participants)
    items = agree_action_items(communication, action_items, now)
    event = history.change(
        communication,
        "communication.corrected",
        by=by,
        now=now,
        reason=reason,
        extra=extra | _agreed(items),
        **told,
    )
    if event:
        _let_in(task, communication)
        tell_people(communication, event, now, *(item.owner for item in items))
    return communication


def _checked(communication, corrected, conclusions, participants, now) -> dict:
    """The log's fields that differ from what stands; raises what the log still lacks."""
    if not conclusions.strip():
        raise ConclusionsMissing(field="conclusions")
    if not participants:
        raise ParticipantMissing(field="participants")
    ends_at = corrected.get("ends_at", communication.ends_at)
    check_order(corrected.get("starts_at", communication.starts_at), ends_at)
    if ends_at > now:
        raise EndsInFuture(field="ends_at")
    told = corrected | {"conclusions": conclusions.strip()}
    return {name: value for name, value in told.items() if getattr(communication, name) != value}


def _late_by(communication, told, now):
    """From the end as it stood, or an earlier one: a later end that is told only now does not
    stop the clock that was running (R15).
    """
    ended = min(communication.ends_at, told.get("ends_at", communication.ends_at))
    return log_late_by(ended, now)


def _agreed(items) -> dict:
    """The agreed action items, as the history of the log keeps them."""
    lines = [f"{item.owner} · {item.what} · {item.due_date}" for item in items]
    return {"action_items": ([], lines)} if lines else {}


def _let_in(task, communication):
    involve(task, communication.keeper, *accounts_in(communication))
