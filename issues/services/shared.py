"""What every service of the loop begins or ends with."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from coordination.errors import DomainError, StageChanged
from deadlines import kinds
from deadlines.services import keep_duties, keep_kind, tell
from deadlines.terms import Terms
from issues import permissions
from issues.models import Issue
from tasks.services.assignment import seat_or_refuse
from tasks.services.initiation import NotInDepartment
from tasks.services.shared import lock_task
from tasks.workflow import WORK_OPEN


class WordsMissing(DomainError):
    code = "words_missing"
    message = _("This must be filled in.")


class NextDateMissing(DomainError):
    code = "next_date_missing"
    message = _("Say by which day: an issue always has a next date.")


class BeforeItOccurred(DomainError):
    code = "before_it_occurred"
    message = _("This day lies before the issue occurred.")


class NobodyResponsible(DomainError):
    code = "nobody_responsible"
    message = _("Name the one person who is responsible.")


def locked(issue: Issue, *, stages: Iterable[str]) -> Issue:
    """The issue as it stands now, its task locked; StageChanged unless that is in `stages`."""
    task = lock_task(issue.task, stages=stages)
    issue = Issue.objects.select_related("department", "owner").get(pk=issue.pk)
    issue.task = task
    return issue


def begin(issue: Issue, act: str, by) -> Issue:
    """The issue as it stands now, its task locked, the act permitted and in its place.

    Raises NotAllowed, or StageChanged when somebody has moved it on meanwhile.
    """
    issue = locked(issue, stages=WORK_OPEN)
    permissions.ISSUE.require(by, act, issue)
    if not permissions.has_place(issue, act):
        raise StageChanged
    return issue


def words(text: str, field: str) -> str:
    """Text that says something; raises WordsMissing at the field otherwise."""
    text = (text or "").strip()
    if not text:
        raise WordsMissing(field=field)
    return text


def next_day(day: dt.date | None, occurred_at: dt.datetime, field: str = "next_date") -> dt.date:
    """A next date that can be one: given, and not before the occurrence.

    A day that has passed is taken: people enter afterwards what was agreed in time.
    """
    if day is None:
        raise NextDateMissing(field=field)
    if day < local_day(occurred_at):
        raise BeforeItOccurred(field=field)
    return day


def local_day(moment: dt.datetime) -> dt.date:
    """The day of a moment in the organisation's zone."""
    return timezone.localdate(moment, Organisation.current().zone)


def one_responsible(task, department, owner: User | None) -> None:
    """Exactly one active person of a department that takes part (R28)."""
    if department is None:
        raise WordsMissing(field="department")
    seat_or_refuse(task, department)
    if owner is None:
        raise NobodyResponsible(field="owner")
    if not owner.is_active or not owner.memberships.filter(department=department).exists():
        raise NotInDepartment(field="owner")


def tell_about(issue: Issue, event, people: Iterable, now) -> None:
    """Tells people of a move of the loop, with the way to the issue."""
    tell(event=event, people=people, link=issue.get_absolute_url(), now=now, task=issue.task)


def keep(issue: Issue, now) -> None:
    """Brings what is owed for an issue, and when it is passed up, to how it now stands."""
    told = list(issue.escalations.all())
    # Closed or graded anew, the report is no longer owed, but it was not made.
    became = "done" if issue.reported_at else "cancelled"
    keep_kind(kinds.get("issue_report"), [issue.pk], Terms.current(now), became)
    keep_duties(issue, now=now)
    keep_duties(*told, now=now, how="cancelled")
    Issue.objects.filter(pk=issue.pk).update(pass_up_at=_pass_up_at(issue, told))


def _pass_up_at(issue, told):
    """The end of the grace time of the latest telling, while nobody has acknowledged it."""
    waits = issue.wants_acknowledgement and not any(e.acknowledged_at for e in told)
    return max((e.due for e in told), default=None) if waits else None
