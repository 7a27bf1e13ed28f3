"""Stage 2: departments take on work items; the initiator confirms the whole (R9–R12)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError, StageChanged
from deadlines import kinds
from deadlines.services import keep_duties, keep_kind, tell
from deadlines.terms import Terms
from tasks import permissions, policies
from tasks.choices import Stage, SubtaskState
from tasks.models import Subtask, Task
from tasks.services.drafting import ReasonMissing, require_reason
from tasks.services.initiation import NotInDepartment, move_task
from tasks.services.planning import plan_evenly, times_moved
from tasks.services.shared import (
    involve,
    keep_duties_of,
    lock_task,
    remember_pause,
    tell_everybody,
)
from tasks.workflow import ASSIGNMENT_OPEN, TRANSITIONS


class NotCovered(DomainError):
    code = "not_covered"
    message = _("Some work items are taken by nobody or by two. See the coverage matrix.")


class NotInvolved(DomainError):
    code = "not_involved"
    message = _("This department does not take part in the task.")


class OtherTask(DomainError):
    code = "other_task"
    message = _("This belongs to another task.")


class EndsBeforeStart(DomainError):
    code = "ends_before_start"
    message = _("The due date must not lie before the start.")


class OwnerIsHelper(DomainError):
    code = "owner_is_helper"
    message = _("The responsible person is named already and need not be a helper too.")


@transaction.atomic
def take_on_work_item(
    *, work_item, department, by, now, name, goal, owner, start_date, due_date, helpers=(), scope=""
) -> Subtask:
    """A department promises a subtask of a work item, with one responsible person (R9, R10)."""
    task = lock_task(work_item.task, stages=ASSIGNMENT_OPEN)
    permissions.SEAT.require(by, "take_on", seat_or_refuse(task, department))
    _check(department, owner, helpers, start_date, due_date)
    subtask = Subtask.objects.create(
        task=task,
        work_item=work_item,
        department=department,
        name=name,
        goal=goal,
        scope=scope.strip(),
        owner=owner,
        start_date=start_date,
        due_date=due_date,
    )
    subtask.helpers.set(helpers)
    event = history.record(subtask, "subtask.taken_on", by=by, now=now)
    plan_evenly(subtask, by=by, now=now)
    _after_change(subtask, event, now)
    _keep_taking_on(task, department, now)
    return subtask


@transaction.atomic
def edit_subtask(*, subtask, by, now, version, reason="", **new) -> Subtask:
    """Changes a promise; once the assignment is confirmed, with a reason (R12)."""
    task = lock_task(subtask.task, stages=ASSIGNMENT_OPEN)
    permissions.SUBTASK.require(by, "edit", subtask)
    _require_state(subtask, SubtaskState.OPEN)
    if task.confirmed_at and not reason.strip():
        raise ReasonMissing(field="reason")
    former_owner = subtask.owner
    _check(
        subtask.department,
        new.get("owner", subtask.owner),
        new.get("helpers", ()),
        new.get("start_date", subtask.start_date),
        new.get("due_date", subtask.due_date),
    )
    moved = times_moved(subtask, new.get("due_date", subtask.due_date))
    event = history.change(
        subtask,
        "subtask.edited",
        by=by,
        now=now,
        version=version,
        reason=reason,
        extra=moved,
        **new,
    )
    if event:
        if event.changes.keys() & {"start_date", "due_date"}:
            plan_evenly(subtask, by=by, now=now, reason=reason)
        _after_change(subtask, event, now, former_owner)
    return subtask


@transaction.atomic
def cancel_subtask(*, subtask, by, now, reason) -> Subtask:
    """Takes a promise back, for a reason; the work item is then open again."""
    task = lock_task(subtask.task, stages=ASSIGNMENT_OPEN)
    permissions.SUBTASK.require(by, "cancel", subtask)
    require_reason(reason)
    event = history.move(
        subtask,
        "subtask.cancelled",
        by=by,
        now=now,
        old=SubtaskState.OPEN,
        to=SubtaskState.CANCELLED,
        reason=reason,
    )
    keep_duties(subtask, *subtask.support_requests.all(), now=now, how="cancelled")
    keep_duties(*task.collaborations.all(), now=now)
    _tell(subtask, event, [subtask.owner, task.initiator], now)
    return subtask


@transaction.atomic
def finish_subtask(*, subtask, by, now) -> Subtask:
    """The promise is kept."""
    task = lock_task(subtask.task, stages=[Stage.EXECUTION, Stage.REVIEW])
    permissions.SUBTASK.require(by, "finish", subtask)
    event = history.move(
        subtask,
        "subtask.finished",
        by=by,
        now=now,
        old=SubtaskState.OPEN,
        to=SubtaskState.DONE,
        done_at=now,
    )
    # Weeks that nobody reported are not done; they are no longer owed.
    keep_kind(kinds.get("progress_update"), [subtask.pk], Terms.current(now), "cancelled")
    keep_duties(subtask, now=now)
    _tell(subtask, event, [task.initiator], now)
    return subtask


@transaction.atomic
def reopen_subtask(*, subtask, by, now, reason) -> Subtask:
    """It was not finished after all."""
    task = lock_task(subtask.task, stages=[Stage.EXECUTION, Stage.REVIEW])
    permissions.SUBTASK.require(by, "reopen", subtask)
    require_reason(reason)
    subtask.refresh_from_db(fields=["done_at"])
    ended_at = subtask.done_at
    event = history.move(
        subtask,
        "subtask.reopened",
        by=by,
        now=now,
        old=SubtaskState.DONE,
        to=SubtaskState.OPEN,
        reason=reason,
        done_at=None,
    )
    remember_pause(subtask, ended_at, now)
    _after_change(subtask, event, now, task.initiator)
    return subtask


def coverage_of(task) -> policies.Coverage:
    """Gaps and overlaps of the work items (R11)."""
    promises = [
        policies.Promise(s.work_item_id, s.department_id, s.scope)
        for s in task.subtasks.live().only("work_item_id", "department_id", "scope", "task_id")
    ]
    return policies.coverage(task.work_items.values_list("pk", flat=True), promises)


@transaction.atomic
def confirm_assignment(*, task, by, now) -> Task:
    """The initiator confirms the whole assignment: no gap, no overlap (R11, R12)."""
    task = lock_task(task, stages=TRANSITIONS["confirm"][0])
    permissions.TASK.require(by, "confirm", task)
    if not coverage_of(task).complete:
        raise NotCovered
    event = move_task(task, "confirm", by=by, now=now, confirmed_at=now)
    keep_duties(task, now=now)
    keep_duties_of(task, now)
    tell_everybody(task, event, now)
    return task


def seat_or_refuse(task, department):
    """The department's seat in the task; raises NotInvolved when it has none."""
    seat = permissions.seat_of(task, department)
    if seat is None:
        raise NotInvolved(field="department")
    return seat


def _check(department, owner, helpers, start_date, due_date):
    """R10: the owner belongs to the responsible department; helpers never instead of the owner."""
    if not owner.is_active or not owner.memberships.filter(department=department).exists():
        raise NotInDepartment(field="owner")
    if owner in helpers:
        raise OwnerIsHelper(field="helpers")
    if due_date < start_date:
        raise EndsBeforeStart(field="due_date")


def _require_state(subtask, state):
    if subtask.state != state:
        raise StageChanged


def _after_change(subtask, event, now, *others):
    """Everybody named may see the task, the due date is owed, and the people concerned are told."""
    helpers = list(subtask.helpers.all())
    involve(subtask.task, subtask.owner, *helpers)
    keep_duties(subtask, now=now)
    _tell(subtask, event, [subtask.owner, *helpers, subtask.task.initiator, *others], now)


def _keep_taking_on(task, department, now):
    """The department has done so; the others need not once there is nothing left to take."""
    own = task.collaborations.filter(department=department)
    keep_duties(*own, now=now)
    keep_duties(*task.collaborations.exclude(department=department), now=now, how="cancelled")


def _tell(subtask, event, people, now):
    tell(event=event, people=people, link=subtask.get_absolute_url(), now=now, task=subtask.task)
