"""What people hold in the loop of an issue (accounts.leaving)."""

from django.utils.translation import gettext_lazy as _

from accounts.leaving import Kind, columns
from issues.choices import IssueState, Result
from issues.models import Escalation, Issue, Measure, Solution
from issues.services import handing_over
from tasks.holdings import of_task
from tasks.workflow import WORK_OPEN


def _owned(person, today):
    issues = Issue.objects.open().filter(owner=person, task__stage__in=WORK_OPEN)
    part = of_task("task__")
    return columns(issues, name="description", day="next_date", department="department", **part)


def _solved(person, today):
    solutions = _under_way(Solution.objects.filter(owner=person, result=Result.PENDING), "")
    return columns(
        solutions,
        name="issue__description",
        about="issue",
        day="due_date",
        department="department",
        **of_task("issue__task__"),
    )


def _taken(person, today):
    pending = Measure.objects.filter(owner=person, solution__result=Result.PENDING)
    return columns(
        _under_way(pending, "solution__"),
        name="what",
        about="solution__issue",
        day="due_date",
        **of_task("solution__issue__task__"),
    )


def _told(person, today):
    return columns(
        Escalation.objects.unanswered().filter(person=person),
        name="issue__description",
        about="issue",
        department="department",
        **of_task("issue__task__"),
    )


def _under_way(rows, path):
    """Those of solutions that somebody still is to answer."""
    solving = {f"{path}issue__state": IssueState.SOLVING}
    return rows.filter(**{f"{path}issue__task__stage__in": WORK_OPEN}, **solving)


KINDS = [
    Kind(
        code="issue",
        label=_("Responsible for the issue"),
        model=Issue,
        rows=_owned,
        page="issues:issue_detail",
        service=handing_over.hand_over_issue,
        hidden=_("An issue in %(number)s"),
    ),
    Kind(
        code="solution",
        label=_("Responsible for the solution"),
        model=Solution,
        rows=_solved,
        page="issues:issue_detail",
        service=handing_over.hand_over_solution,
        hidden=_("A solution in %(number)s"),
    ),
    Kind(
        code="measure",
        label=_("Takes a measure"),
        model=Measure,
        rows=_taken,
        page="issues:issue_detail",
        service=handing_over.hand_over_measure,
        may_take=lambda people, thing: people.colleagues(),
        hidden=_("A measure in %(number)s"),
        way_out=_("There is no colleague: add somebody to one of the person’s departments first."),
    ),
    Kind(
        code="escalation",
        label=_("Is to acknowledge an issue"),
        model=Escalation,
        rows=_told,
        page="issues:issue_detail",
        service=handing_over.hand_over_escalation,
        may_take=lambda people, thing: people.may_head(thing.department_id),
        hidden=_("A report in %(number)s"),
        way_out=_("Nobody else belongs to it or to a department above: add somebody first."),
    ),
]
