"""What is owed for an issue: the report, its acknowledgement, the solution, the next step."""

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from deadlines.kinds import DAY_LADDER, HOURS_LADDER, Kind, Owed
from issues import policies
from issues.choices import Grade, IssueState
from issues.models import Escalation, Issue, Solution
from tasks.workflow import WORK_OPEN


def _issues(**state):
    """The issues in a state, with what their duties are made of."""
    rounds = Solution.objects.select_related("owner", "department")
    return (
        Issue.objects.filter(task__stage__in=WORK_OPEN, **state)
        .select_related("owner", "department__head", "task__department", "task__initiator")
        .prefetch_related(Prefetch("solutions", rounds))
    )


def to_report():
    return _issues(grade=Grade.CROSS, reported_at=None).open()


def to_acknowledge():
    return Escalation.objects.unanswered().select_related("person", "department", "issue__task")


def to_solve():
    return _issues(state=IssueState.SOLVING)


def to_move_on():
    return _issues(state__in=[IssueState.OPEN, IssueState.ANSWERED])


def owed_report(issue, terms):
    """Whoever is responsible reports a cross-department issue upwards (R20)."""
    due = terms.hours(policies.REPORT_HOURS, issue.occurred_at)
    return [_owed(issue, issue.owner, due, "issue_report", issue.department)]


def owed_acknowledgement(escalation, terms):
    """Whoever was told acknowledges it; those who are told of the delay stand above them."""
    issue = escalation.issue
    return [
        Owed(
            owner=escalation.person,
            due=terms.hours(policies.ACKNOWLEDGE_HOURS, escalation.told_at),
            what=str(issue),
            link=escalation.get_absolute_url(),
            task=issue.task,
            department=escalation.department,
        )
    ]


def owed_solution(issue, terms):
    """Whoever is responsible for the solution answers whether it is solved (R21, R22)."""
    solution = issue.last_solution
    due = terms.end_of_day(solution.due_date)
    return [_owed(issue, solution.owner, due, "solution_answer", solution.department)]


def owed_next(issue, terms):
    """The initiating side solves and checks; a general issue is solved by its own department's
    head (R20–R23).
    """
    due, owner, department = (
        terms.end_of_day(issue.next_date),
        issue.task.initiator,
        issue.task.department,
    )
    if issue.state == IssueState.ANSWERED:
        return [_owed(issue, owner, due, "issue_detail", department)]
    if issue.grade == Grade.GENERAL:
        owner, department = issue.department.head or owner, issue.department
    return [_owed(issue, owner, due, "solution_record", department)]


def _owed(issue, owner, due, page, department):
    return Owed(
        owner=owner,
        due=due,
        what=str(issue),
        link=reverse(f"issues:{page}", args=[issue.pk]),
        task=issue.task,
        department=department,
    )


KINDS = [
    Kind(
        code="issue_report",
        label=_("Report the issue upwards"),
        rule=_("24 hours after its occurrence"),
        model=Issue,
        may_owe=to_report,
        owed=owed_report,
        ladder=HOURS_LADDER,
    ),
    Kind(
        code="escalation_ack",
        label=_("Acknowledge the reported issue"),
        rule=_("24 hours after being told"),
        model=Escalation,
        may_owe=to_acknowledge,
        owed=owed_acknowledgement,
        ladder=HOURS_LADDER,
    ),
    Kind(
        code="issue_solution",
        label=_("Answer whether the issue is solved"),
        rule=_("by the end of the solution's due date"),
        model=Issue,
        may_owe=to_solve,
        owed=owed_solution,
        ladder=DAY_LADDER,
    ),
    Kind(
        code="issue_next",
        label=_("Move the issue on"),
        rule=_("by the end of its next date"),
        model=Issue,
        may_owe=to_move_on,
        owed=owed_next,
        ladder=DAY_LADDER,
    ),
]
