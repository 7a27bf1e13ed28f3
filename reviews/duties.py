"""What stage 5 owes: the review, and the signature under the record (R24–R26)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from deadlines.kinds import ANSWER_LADDER, Kind, Owed
from tasks.choices import Stage
from tasks.models import Task


def signer_of(task: Task) -> User:
    """The head of the initiating department; the initiator sees to it that there is one."""
    head = task.department.head
    return head if head and head.is_active else task.initiator


def _in_review():
    return Task.objects.filter(stage=Stage.REVIEW).select_related("department__head", "initiator")


def _without_review():
    return _in_review().filter(review=None)


def _review(task, terms):
    return [_owed("review", task, terms, task.initiator, "reviews:review_edit")]


def _archive(task, terms):
    signer = signer_of(task)
    is_head = signer.pk == task.department.head_id
    page = "records:sign_off" if is_head else "reviews:review_detail"
    return [_owed("archive", task, terms, signer, page)]


def _owed(kind, task, terms, owner, page):
    return Owed(
        owner=owner,
        due=terms.working_days(kind, task.finished_at),
        what=task.title,
        link=reverse(page, args=[task.pk]),
        task=task,
        department=task.department,
    )


KINDS = [
    Kind(
        code="review",
        label=_("Write the review"),
        rule=_("after the end of the work"),
        model=Task,
        may_owe=_without_review,
        owed=_review,
        ladder=ANSWER_LADDER,
        within=5,
    ),
    Kind(
        code="archive",
        label=_("Sign and archive"),
        rule=_("after the end of the work"),
        model=Task,
        may_owe=_in_review,
        owed=_archive,
        ladder=ANSWER_LADDER,
        within=10,
    ),
]
