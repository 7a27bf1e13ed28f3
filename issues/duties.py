"""What issues owe: the next move of the loop (R22)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from deadlines.kinds import DAY_LADDER, Kind, Owed
from issues.choices import Grade, IssueState
from issues.models import Issue
from tasks.workflow import WORK_OPEN


def _open_issues():
    return (
        Issue.objects.open()
        .filter(task__stage__in=WORK_OPEN)
        .select_related("task__initiator", "task__department", "department__head", "owner")
        .prefetch_related("solutions__owner")
    )


def who_is_next(issue: Issue):
    """Who makes the next move: the solver answers; the initiating side solves and checks, but a
    general issue is solved by the head of its own department (R20–R23).
    """
    if issue.state == IssueState.SOLVING:
        return issue.last_solution.owner
    if issue.state == IssueState.OPEN and issue.grade == Grade.GENERAL:
        return issue.department.head or issue.task.initiator
    return issue.task.initiator


def _next(issue, terms):
    forms = {IssueState.OPEN: "solution_record", IssueState.SOLVING: "solution_answer"}
    return [
        Owed(
            owner=who_is_next(issue),
            due=terms.end_of_day(issue.next_date),
            what=str(issue),
            link=reverse(f"issues:{forms.get(issue.state, 'issue_detail')}", args=[issue.pk]),
            task=issue.task,
            department=issue.department,
        )
    ]


KINDS = [
    Kind(
        code="issue_next",
        label=_("Move the issue on"),
        rule=_("by the end of its next date"),
        model=Issue,
        may_owe=_open_issues,
        owed=_next,
        ladder=DAY_LADDER,
    ),
]
