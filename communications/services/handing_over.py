"""Hands over logs to be kept and what was agreed, one thing at a time (accounts.leaving)."""

from django.db import transaction

from accounts.leaving import NoLongerTheirs, require_theirs
from audit import history
from communications.models import NOT_LOGGED, ActionItem, ActionState, Communication
from communications.services.action_items import OwnerInactive
from communications.services.scheduling import NotAKeeper, keepers_of
from communications.services.shared import tell_people
from deadlines.services import keep_duties, tell
from tasks.services.handing_over import require_handing_over
from tasks.services.shared import involve, lock_task
from tasks.workflow import SHARED


@transaction.atomic
def hand_over_log(*, communication, former, to, by, now, reason) -> Communication:
    """Somebody else keeps the log: the initiator or a contact of the department (R13)."""
    task = lock_task(communication.task, stages=SHARED)
    require_handing_over(by, former, task.department_id, reason)
    communication.refresh_from_db()
    require_theirs(communication.keeper_id, former)
    if communication.state not in NOT_LOGGED:
        raise NoLongerTheirs
    if not keepers_of(task).filter(pk=to.pk).exists():
        raise NotAKeeper(field="to")
    action = "communication.handed_over"
    event = history.change(communication, action, by=by, now=now, reason=reason, keeper=to)
    involve(task, to)
    keep_duties(communication, now=now)
    tell_people(communication, event, now, former)
    return communication


@transaction.atomic
def hand_over_action_item(*, action_item, former, to, by, now, reason) -> ActionItem:
    """Somebody else does what was agreed."""
    task = lock_task(action_item.task, stages=SHARED)
    require_handing_over(by, former, None, reason)
    action_item.refresh_from_db()
    require_theirs(action_item.owner_id, former)
    if action_item.state != ActionState.OPEN:
        raise NoLongerTheirs
    if not to.is_active:
        raise OwnerInactive(field="to")
    action = "action_item.handed_over"
    event = history.change(action_item, action, by=by, now=now, reason=reason, owner=to)
    involve(task, to)
    keep_duties(action_item, now=now)
    people, link = [to, former, task.initiator], action_item.communication.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=task)
    return action_item
