"""Reporting upwards: the initiating head and the senior managers, within 24 hours (R20)."""

from django.db import transaction

from accounts.standing import senior_managers
from audit import history
from deadlines.policies import late_by
from issues.models import Issue
from issues.services.shared import begin, tell_about


@transaction.atomic
def report_issue(*, issue, by, now) -> Issue:
    """Reports a cross-department issue upwards; how late that was is kept for ever."""
    issue = begin(issue, "report", by)
    report_now(issue, by, now)
    return issue


def report_now(issue, by, now) -> None:
    """The report itself, in the transaction of a service that has locked the task."""
    people = report_goes_to(issue.task)
    event = history.change(
        issue,
        "issue.reported",
        by=by,
        now=now,
        reported_at=now,
        reported_late_by=late_by(issue.report_due, now),
        extra={"reported_to": ([], [str(person) for person in people])},
    )
    tell_about(issue, event, people, now)


def report_goes_to(task) -> list:
    """The head of the initiating department and the senior managers above it; gaps left out."""
    return [p for p in (task.department.head, *senior_managers(task.department)) if p]
