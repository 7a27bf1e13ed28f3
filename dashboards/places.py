"""Where a duty leads: who owes it, to its form; everybody else, to what it is about."""

from collections.abc import Iterable

from django.db.models import Case, OuterRef, Subquery, When
from django.urls import reverse

from accounts.models import User
from communications.models import ActionItem
from deadlines import kinds
from deadlines.models import Deadline
from issues.models import Escalation
from tasks.models import SupportRequest

# The page of a kind, and whose id stands in its address: the task's, the subject's, or that of
# the row which the subject is a part of.
PAGES = {
    "take_on": ("tasks:assignment", "task_id"),
    "confirm": ("tasks:assignment", "task_id"),
    "support_answer": ("tasks:subtask_detail", "whole"),
    "support_delivery": ("tasks:subtask_detail", "whole"),
    "subtask_due": ("tasks:subtask_detail", "subject_id"),
    "progress_update": ("tasks:subtask_detail", "subject_id"),
    "weekly_sync": ("weekly:week", "task_id"),
    "communication_log": ("communications:communication_detail", "subject_id"),
    "action_item": ("communications:communication_detail", "whole"),
    "issue_report": ("issues:issue_detail", "subject_id"),
    "escalation_ack": ("issues:issue_detail", "whole"),
    "issue_solution": ("issues:issue_detail", "subject_id"),
    "issue_next": ("issues:issue_detail", "subject_id"),
    "review": ("reviews:review_detail", "task_id"),
    "archive": ("reviews:review_detail", "task_id"),
}
# Subjects without a page of their own, and what they are a part of.
PARTS = [(SupportRequest, "subtask"), (ActionItem, "communication"), (Escalation, "issue")]


def lay_out(duties: Iterable[Deadline], reader: User) -> list[Deadline]:
    """The duties as a page shows them, each with its `label` and its `place`; one statement."""
    duties = list(duties)
    wholes = _wholes(duties)
    for duty in duties:
        duty.label = kinds.get(duty.kind).label
        duty.whole = wholes[duty.pk]
        is_own = duty.owner_id == reader.pk and duty.settled_at is None
        duty.place = duty.link if is_own else _page_of(duty)
    return duties


def _page_of(duty) -> str:
    page, whose = PAGES.get(duty.kind, ("tasks:task_detail", "task_id"))
    pk = getattr(duty, whose)
    return reverse(page, args=[pk]) if pk else duty.link


def _wholes(duties) -> dict[int, int | None]:
    """What the subject of each duty is a part of, by the duty's id."""
    found = Deadline.objects.filter(pk__in=[duty.pk for duty in duties]).order_by()
    return dict(found.values_list("pk", Case(*(_when(*part) for part in PARTS))))


def _when(model, whole):
    row = model.objects.order_by().filter(pk=OuterRef("subject_id"))
    return When(subject_type=model._meta.label_lower, then=Subquery(row.values(whole)))
