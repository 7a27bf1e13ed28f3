"""What every service of the loop begins or ends with."""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from coordination.errors import DomainError, StageChanged
from deadlines.services import tell
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


def begin(issue: Issue, act: str, by) -> Issue:
    """The issue as it stands now, its task locked, the act permitted and in its place.

    Raises NotAllowed, or StageChanged when somebody has moved it on meanwhile.
    """
    task = lock_task(issue.task, stages=WORK_OPEN)
    issue = Issue.objects.select_related("department", "owner").get(pk=issue.pk)
    issue.task = task
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
