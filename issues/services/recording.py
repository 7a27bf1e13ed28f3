"""An issue is recorded at once, kept right, and graded (R19, R20)."""

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError
from issues import permissions, policies
from issues.models import Attempt, Issue
from issues.services.reporting import report_now
from issues.services.shared import begin, keep, next_day, one_responsible, tell_about, words
from tasks.services.assignment import OtherTask
from tasks.services.drafting import require_reason
from tasks.services.shared import involve, lock_task
from tasks.workflow import WORK_OPEN


class InFuture(DomainError):
    code = "in_future"
    message = _("An issue is recorded after it has occurred.")


@transaction.atomic
def record_issue(
    *,
    task,
    by,
    now,
    description,
    cause,
    occurred_at,
    department,
    owner,
    needs_other_departments,
    affects_finish,
    next_date,
    attempts=(),
    subtask=None,
    report=False,
) -> Issue:
    """Records what went wrong, why, and what was tried; the two answers grade it (R19, R20).

    `attempts` are texts in order. `next_date` is the day of the first answer. With `report` a
    cross-department issue is reported upwards at once.
    """
    task = lock_task(task, stages=WORK_OPEN)
    permissions.TASK.require(by, "record_issue", task)
    if occurred_at > now:
        raise InFuture(field="occurred_at")
    _check_place(task, department, owner, subtask)
    issue = Issue.objects.create(
        task=task,
        position=_next_position(task),
        subtask=subtask,
        description=words(description, "description"),
        cause=words(cause, "cause"),
        occurred_at=occurred_at,
        recorded_at=now,
        recorded_by=by,
        department=department,
        owner=owner,
        needs_other_departments=needs_other_departments,
        affects_finish=affects_finish,
        grade=policies.grade_of(
            needs_other_departments=needs_other_departments, affects_finish=affects_finish
        ),
        next_date=next_day(next_date, occurred_at),
    )
    _try(issue, attempts, by, now)
    event = history.record(issue, "issue.recorded", by=by, now=now)
    involve(task, owner)
    keep(issue, now)
    tell_about(issue, event, [owner, task.initiator, department.head], now)
    if report and issue.must_report:
        report_now(issue, by, now)
    return issue


@transaction.atomic
def edit_issue(*, issue, by, now, version, reason, **new) -> Issue:
    """Corrects description, cause, department, owner or subtask, for a stated reason (R12).

    The times of occurrence and of recording stand as they were first given.
    """
    issue = begin(issue, "edit", by)
    require_reason(reason)
    former_owner = issue.owner
    department, owner = new.get("department", issue.department), new.get("owner", former_owner)
    _check_place(issue.task, department, owner, new.get("subtask"))
    new |= {name: words(new[name], name) for name in ("description", "cause") if name in new}
    event = history.change(
        issue, "issue.edited", by=by, now=now, version=version, reason=reason.strip(), **new
    )
    if event:
        involve(issue.task, owner)
        keep(issue, now)
        tell_about(issue, event, [owner, former_owner, issue.task.initiator], now)
    return issue


@transaction.atomic
def add_attempt(*, issue, by, now, description) -> Attempt:
    """One more thing that was tried (R19)."""
    issue = begin(issue, "attempt", by)
    (attempt,) = _try(issue, [words(description, "description")], by, now)
    changes = {"attempts": ("", attempt.description)}
    history.record(issue, "issue.attempted", by=by, now=now, changes=changes)
    return attempt


@transaction.atomic
def grade_issue(
    *, issue, by, now, version, needs_other_departments, affects_finish, reason
) -> Issue:
    """Answers the two questions again. A general issue that turns out to be a matter between
    departments must then be reported, still within 24 hours of its occurrence (R20).
    """
    issue = begin(issue, "grade", by)
    require_reason(reason)
    answers = {"needs_other_departments": needs_other_departments, "affects_finish": affects_finish}
    event = history.change(
        issue,
        "issue.graded",
        by=by,
        now=now,
        version=version,
        reason=reason.strip(),
        grade=policies.grade_of(**answers),
        **answers,
    )
    if event:
        keep(issue, now)
        people = [issue.owner, issue.task.initiator, issue.department.head]
        tell_about(issue, event, people, now)
    return issue


def _check_place(task, department, owner, subtask):
    one_responsible(task, department, owner)
    if subtask is not None and subtask.task_id != task.pk:
        raise OtherTask(field="subtask")


def _next_position(task) -> int:
    """The next number in the task: its row is locked, so two people never get the same."""
    return (task.issues.aggregate(last=Max("position"))["last"] or 0) + 1


def _try(issue, descriptions, by, now) -> list[Attempt]:
    texts = [text.strip() for text in descriptions if text.strip()]
    return [issue.attempts.create(description=text, at=now, by=by) for text in texts]
