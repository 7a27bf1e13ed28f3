"""Hands over issues, their solutions and what superiors were told, one at a time
(accounts.leaving)."""

from django.db import transaction

from accounts.leaving import NoLongerTheirs, require_theirs
from accounts.services.departments import HeadFromElsewhere, who_may_head
from audit import history
from deadlines.services import keep_duties
from issues.choices import Result
from issues.models import Escalation, Issue, Measure, Solution
from issues.services.escalation import tell_superiors
from issues.services.shared import keep, locked, tell_about
from issues.services.solving import MeasureOutside, line_of_measure
from tasks.permissions import seats_of
from tasks.services.handing_over import require_handing_over, require_member
from tasks.services.shared import involve
from tasks.workflow import WORK_OPEN


@transaction.atomic
def hand_over_issue(*, issue, former, to, by, now, reason) -> Issue:
    """Somebody else of the responsible department is responsible for the issue (R28)."""
    issue = locked(issue, stages=WORK_OPEN)
    require_handing_over(by, former, issue.department_id, reason)
    require_theirs(issue.owner_id, former)
    if issue.is_closed:
        raise NoLongerTheirs
    require_member(to, issue.department_id)
    event = history.change(issue, "issue.handed_over", by=by, now=now, reason=reason, owner=to)
    _follow(issue, event, to, former, now)
    return issue


@transaction.atomic
def hand_over_solution(*, solution, former, to, by, now, reason) -> Solution:
    """Somebody else of its department answers for the solution that is under way (R21, R28)."""
    issue = locked(solution.issue, stages=WORK_OPEN)
    require_handing_over(by, former, solution.department_id, reason)
    solution.refresh_from_db()
    require_theirs(solution.owner_id, former)
    if solution.result != Result.PENDING:
        raise NoLongerTheirs
    require_member(to, solution.department_id)
    Solution.objects.filter(pk=solution.pk).update(owner=to)
    changes = {"responsible": (former, to)}
    action = "issue.solution_handed_over"
    event = history.change(issue, action, by=by, now=now, reason=reason, extra=changes)
    _follow(issue, event, to, former, now)
    return solution


@transaction.atomic
def hand_over_measure(*, measure, former, to, by, now, reason) -> Measure:
    """Somebody else takes a measure of the solution that is under way (R21)."""
    issue = locked(measure.solution.issue, stages=WORK_OPEN)
    require_handing_over(by, former, None, reason)
    measure.refresh_from_db()
    require_theirs(measure.owner_id, former)
    if measure.solution.result != Result.PENDING:
        raise NoLongerTheirs
    departments = {seat.department_id for seat in seats_of(issue.task)}
    if not (to.is_active and to.memberships.filter(department__in=departments).exists()):
        raise MeasureOutside(field="to")
    before, measure.owner = line_of_measure(measure), to
    measure.save(update_fields=["owner"])
    changes = {"measures": ([before], [line_of_measure(measure)])}
    action = "issue.measure_handed_over"
    event = history.change(issue, action, by=by, now=now, reason=reason, extra=changes)
    _follow(issue, event, to, former, now)
    return measure


@transaction.atomic
def hand_over_escalation(*, escalation, former, to, by, now, reason) -> Escalation:
    """Somebody else in the superior's place is told anew, and acknowledges it (R20).

    That the former was told stays on record. Whoever was told already is not told again.
    """
    issue = locked(escalation.issue, stages=WORK_OPEN)
    require_handing_over(by, former, escalation.department_id, reason)
    escalation.refresh_from_db()
    require_theirs(escalation.person_id, former)
    if not escalation.is_open:
        raise NoLongerTheirs
    if not who_may_head(escalation.department).filter(pk=to.pk, is_active=True).exists():
        raise HeadFromElsewhere(field="to")
    Escalation.objects.filter(pk=escalation.pk).update(handed_to=to)
    changes, action = {"handed_to": (former, to)}, "issue.escalation_handed_over"
    event = history.record(issue, action, by=by, now=now, changes=changes, reason=reason)
    involve(issue.task, to)
    if not issue.escalations.filter(person=to).exists():
        told = Escalation(person=to, department=escalation.department, role=escalation.role)
        tell_superiors(issue, [told], event, now)
    keep_duties(escalation, now=now, how="cancelled")
    keep(issue, now)
    return escalation


def _follow(issue, event, to, former, now):
    """The new person may see the task and owes what the former did; those concerned are told."""
    involve(issue.task, to)
    keep(issue, now)
    tell_about(issue, event, [to, former, issue.owner, issue.task.initiator], now)
