"""Who does what by when: agreed in a log, done, changed, taken back (R14, R28)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from communications import permissions
from communications.models import ActionItem, ActionState
from communications.services.shared import require_current
from coordination.errors import DomainError
from deadlines.services import keep_duties, tell
from tasks.services.drafting import require_reason
from tasks.services.shared import involve, lock_task
from tasks.workflow import SHARED


class OwnerInactive(DomainError):
    code = "owner_inactive"
    message = _("This person no longer works here.")


class WhatMissing(DomainError):
    code = "what_missing"
    message = _("Say what is to be done.")


def agree_action_items(communication, rows, now) -> list[ActionItem]:
    """Adds action items to a log that is being written: each owed by one person (R14).

    `rows` is [{"owner": User, "what", "due_date"}, …]. Called by the services of the log, which
    write the history.
    """
    start = communication.action_items.count()
    return [_agree(communication, row, start + index, now) for index, row in enumerate(rows, 1)]


@transaction.atomic
def finish_action_item(*, action_item, by, now, result="") -> ActionItem:
    """It is done; `result` says what came of it."""
    task = lock_task(action_item.task, stages=SHARED)
    permissions.ACTION_ITEM.require(by, "finish", action_item)
    said = {"result": result.strip()} if result.strip() else {}
    event = history.move(
        action_item,
        "action_item.done",
        by=by,
        now=now,
        old=ActionState.OPEN,
        to=ActionState.DONE,
        done_at=now,
        **said,
    )
    keep_duties(action_item, now=now)
    _tell(action_item, event, [task.initiator, action_item.communication.keeper], now)
    return action_item


@transaction.atomic
def reopen_action_item(*, action_item, by, now, reason) -> ActionItem:
    """It was not done, or is needed after all."""
    lock_task(action_item.task, stages=SHARED)
    permissions.ACTION_ITEM.require(by, "reopen", action_item)
    require_reason(reason)
    unsaid = {"result": ""} if action_item.result else {}
    event = history.move(
        action_item,
        "action_item.reopened",
        by=by,
        now=now,
        old=[ActionState.DONE, ActionState.CANCELLED],
        to=ActionState.OPEN,
        reason=reason,
        done_at=None,
        **unsaid,
    )
    keep_duties(action_item, now=now)
    _tell(action_item, event, [action_item.owner, action_item.communication.keeper], now)
    return action_item


@transaction.atomic
def edit_action_item(*, action_item, by, now, version, reason, what, owner, due_date):
    """Another owner, date or wording, for a reason; both owners are told."""
    task = lock_task(action_item.task, stages=SHARED)
    permissions.ACTION_ITEM.require(by, "edit", action_item)
    require_current(action_item, [ActionState.OPEN], by=by, now=now, version=version)
    require_reason(reason)
    _check(owner, what)
    former = action_item.owner
    new = {"what": what.strip(), "owner": owner, "due_date": due_date}
    event = history.change(action_item, "action_item.edited", by=by, now=now, reason=reason, **new)
    if event:
        involve(task, owner)
        keep_duties(action_item, now=now)
        _tell(action_item, event, [former, owner], now)
    return action_item


@transaction.atomic
def cancel_action_item(*, action_item, by, now, reason) -> ActionItem:
    """It is no longer needed, for a reason."""
    lock_task(action_item.task, stages=SHARED)
    permissions.ACTION_ITEM.require(by, "cancel", action_item)
    require_reason(reason)
    event = history.move(
        action_item,
        "action_item.cancelled",
        by=by,
        now=now,
        old=ActionState.OPEN,
        to=ActionState.CANCELLED,
        reason=reason,
    )
    keep_duties(action_item, now=now, how="cancelled")
    _tell(action_item, event, [action_item.owner], now)
    return action_item


def _agree(communication, row, position, now) -> ActionItem:
    _check(row["owner"], row["what"])
    item = ActionItem.objects.create(
        task=communication.task,
        communication=communication,
        position=position,
        what=row["what"].strip(),
        owner=row["owner"],
        due_date=row["due_date"],
    )
    involve(item.task, item.owner)
    keep_duties(item, now=now)
    return item


def _check(owner, what):
    if not owner.is_active:
        raise OwnerInactive(field="owner")
    if not what.strip():
        raise WhatMissing(field="what")


def _tell(item, event, people, now):
    link = item.communication.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=item.task)
