"""Reporting upwards: the initiating head and the senior manager, within 24 hours (R20)."""

from django.db import transaction

from audit import history
from deadlines.policies import late_by
from issues.models import Issue
from issues.services.escalation import report_goes_to, tell_superiors
from issues.services.shared import begin, keep


@transaction.atomic
def report_issue(*, issue, by, now) -> Issue:
    """Reports a cross-department issue upwards; how late that was is kept for ever."""
    issue = begin(issue, "report", by)
    report_now(issue, by, now)
    return issue


def report_now(issue, by, now) -> None:
    """The report itself, in the transaction of a service that has locked the task.

    A superior who reports it knows of it, and acknowledges nothing to themselves.
    """
    superiors = [s for s in report_goes_to(issue.task) if s.person != by]
    event = history.change(
        issue,
        "issue.reported",
        by=by,
        now=now,
        reported_at=now,
        reported_late_by=late_by(issue.report_due, now),
        extra={"reported_to": ([], [str(superior) for superior in superiors])},
    )
    tell_superiors(issue, superiors, event, now)
    keep(issue, now)
