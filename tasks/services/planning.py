"""How far a subtask should be at the end of each week (R16).

Fixed when the assignment is confirmed; from then on another plan follows, with a reason.
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from audit.models import Event
from coordination.errors import DomainError, EditedMeanwhile, StageChanged
from deadlines.policies import week_of
from deadlines.services import tell
from deadlines.terms import Terms
from tasks import permissions, policies
from tasks.choices import SubtaskState
from tasks.models import Plan, Subtask
from tasks.services.drafting import ReasonMissing
from tasks.services.shared import lock_task
from tasks.workflow import ASSIGNMENT_OPEN


class NotAPlan(DomainError):
    code = "not_a_plan"
    message = _("A plan never falls, stays within 0 and 100 %, and ends with 100 %.")


def current_plan(subtask: Subtask) -> Plan:
    """The plan that holds; an even one, not saved, for a subtask that has none."""
    plans = sorted(subtask.plans.all(), key=lambda plan: plan.number)
    return plans[-1] if plans else _even(subtask)


class WeekIsOver(DomainError):
    code = "week_is_over"
    message = _("This week is over: its plan stays as it was.")


@transaction.atomic
def set_plan(*, subtask, weeks, by, now, reason="", number=None) -> Plan:
    """The steps that the responsible department plans: {Monday (ISO): percent}.

    Once the assignment is confirmed it needs a reason and the plan before it stays as it was.
    `number` is that of the plan the person had before them. NotAPlan names the week at fault.
    """
    task = lock_task(subtask.task, stages=ASSIGNMENT_OPEN)
    permissions.SUBTASK.require(by, "plan", subtask)
    subtask = Subtask.objects.get(pk=subtask.pk)
    if subtask.state != SubtaskState.OPEN:
        raise StageChanged
    if not policies.is_plan(weeks, subtask.start_date, subtask.due_date):
        raise NotAPlan(field=policies.fault_in(weeks))
    before = current_plan(subtask)
    if number is not None and number != before.number:
        raise EditedMeanwhile(events=_changes_of(subtask), current_version=before.number)
    if weeks == before.weeks:
        return before
    if task.confirmed_at:
        _keep_what_is_over(before, weeks, this_week=week_of(Terms.current(now).today))
        if not reason.strip():
            raise ReasonMissing(field="reason")
    plan = _store(subtask, weeks, by=by, now=now, reason=reason.strip())
    changes = {"planned": (str(before), str(plan))}
    event = history.record(
        subtask, "plan.changed", by=by, now=now, changes=changes, reason=reason.strip()
    )
    people = [subtask.owner, task.initiator]
    tell(event=event, people=people, link=subtask.get_absolute_url(), now=now, task=task)
    return plan


def _keep_what_is_over(before, weeks, *, this_week) -> None:
    """The plan of weeks that are over is what people were measured by."""
    for monday in sorted(weeks):
        if monday < this_week.isoformat() and weeks[monday] != before.weeks.get(monday):
            raise WeekIsOver(field=monday)


def plan_evenly(subtask: Subtask, *, by, now, reason="") -> Plan:
    """Spreads the work evenly over the subtask's time: when it is taken on, and when its dates
    have been moved. From the confirmation on, weeks that are over stay as they were planned.
    """
    weeks = policies.linear_plan(subtask.start_date, subtask.due_date)
    if last := _fixed(subtask):
        this_week = week_of(Terms.current(now).today)
        weeks = policies.planned_anew(last.weeks, weeks, this_week.isoformat())
    return _store(subtask, weeks, by=by, now=now, reason=reason)


def times_moved(subtask: Subtask, due_date) -> dict:
    """What the history says of another due date: the how-manieth it is; nothing of the first."""
    last = _fixed(subtask)
    if last is None or due_date == subtask.due_date:
        return {}
    return {"moved": (last.moved, last.moved + 1)}


def _fixed(subtask) -> Plan | None:
    """The plan that holds and stays as it is; None until the assignment is confirmed."""
    return subtask.plans.order_by("number").last() if subtask.task.confirmed_at else None


def _even(subtask):
    weeks = policies.linear_plan(subtask.start_date, subtask.due_date)
    dates = {"start_date": subtask.start_date, "due_date": subtask.due_date}
    return Plan(subtask=subtask, number=0, weeks=weeks, **dates)


def _store(subtask, weeks, *, by, now, reason):
    """The first plan is rewritten until the assignment is confirmed; then each is a row."""
    last = _fixed(subtask)
    values = {
        "start_date": subtask.start_date,
        "due_date": subtask.due_date,
        "weeks": weeks,
        "reason": reason if last else "",
        "made_by": by,
        "made_at": now,
    }
    if last:
        values["moved"] = last.moved + (last.due_date != subtask.due_date)
    number = last.number + 1 if last else 1
    plan, _new = Plan.objects.update_or_create(subtask=subtask, number=number, defaults=values)
    return plan


def _changes_of(subtask):
    return Event.objects.about(subtask).filter(action="plan.changed")[:1]
