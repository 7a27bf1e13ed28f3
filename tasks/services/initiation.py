"""Stage 1: submission with a number, consultation, and the way out (R5–R7)."""

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from audit import history
from coordination.errors import DomainError
from deadlines.services import keep_duties, settle_task, tell
from tasks import permissions, policies
from tasks.choices import Answer, Stage
from tasks.models import Collaboration, NumberSeries, SupportRequest, Task
from tasks.services.drafting import ReasonMissing, require_reason
from tasks.services.shared import heads_of, involve, keep_duties_of, lock_task, tell_everybody
from tasks.workflow import SHARED, TRANSITIONS


class Incomplete(DomainError):
    """A draft that cannot be submitted yet: `problems` are [(field, message)]."""

    code = "incomplete"
    message = _("This is missing before the task can be submitted.")

    def __init__(self, problems):
        super().__init__(" ".join(str(text) for _field, text in problems))
        self.problems = problems


class StillDeclined(DomainError):
    code = "still_declined"
    message = _("A department has declined. Revise the task and ask it again, or leave it out.")


class NotInDepartment(DomainError):
    code = "not_in_department"
    message = _("This person does not belong to the department.")


@transaction.atomic
def submit_task(*, task, by, now) -> Task:
    """Gives the task its number and hands it to the collaborating heads for consultation.

    Raises Incomplete with every problem at once (R2–R6). The number is taken from the series of
    the department and year inside this transaction: a submission that fails leaves no gap (R5).
    """
    task = lock_task(task, stages=TRANSITIONS["submit"][0])
    permissions.TASK.require(by, "submit", task)
    problems = problems_before_submission(task)
    if problems:
        raise Incomplete(problems)
    number = next_number(task.department, now)
    event = move_task(task, "submit", by=by, now=now, number=number, submitted_at=now)
    task.collaborations.update(asked_at=now)
    keep_duties(*task.collaborations.all(), now=now)
    _tell_heads(task, event, now)
    return task


def problems_before_submission(task) -> list[tuple[str, str]]:
    """What a draft still lacks, as (field, message); empty when it can be submitted."""
    wanted = {
        "background": _("Describe the background."),
        "goal": _("State the core goal."),
        "expected_result": _("State the expected result."),
        "start_date": _("Give the start date."),
        "end_date": _("Give the end date."),
    }
    problems = [(name, text) for name, text in wanted.items() if not getattr(task, name)]
    if not any(
        policies.is_measurable(t.metric, t.number, t.unit, t.date) for t in task.targets.all()
    ):
        problems.append(
            ("targets", _("Add at least one target with a number and a unit, or with a date."))
        )
    if not task.work_items.exists():
        problems.append(("work_items", _("List the key work items.")))
    if not task.collaborations.exists():
        problems.append(("departments", _("Choose the departments that take part.")))
    return problems


def next_number(department, now) -> str:
    """The next number of a department in the organisation's year; its row stays locked (R5)."""
    organisation = Organisation.current()
    year = now.astimezone(organisation.zone).year
    series, _created = NumberSeries.objects.get_or_create(department=department, year=year)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db()
    return policies.task_number(
        organisation.number_pattern,
        year=year,
        department=department.short_name,
        sequence=series.last,
    )


@transaction.atomic
def answer_consultation(
    *, collaboration, answer, comment, by, now, version=None, seen=None
) -> Collaboration:
    """A collaborating head accepts, comments, or declines with a reason (R7).

    `version` is the one the person had opened: head and contact may both answer, and the later
    one is told what the other has said (EditedMeanwhile). `seen` is the version of the task the
    person has read: nobody accepts words they have not seen.
    """
    task = lock_task(collaboration.task, stages=[Stage.CONSULTATION])
    seat = permissions.Seat(task, collaboration.department_id, collaboration.contact_id)
    permissions.SEAT.require(by, "answer", seat)
    history.require_version(task, seen)
    if answer in (Answer.COMMENTED, Answer.DECLINED) and not comment.strip():
        raise ReasonMissing(field="comment")
    event = history.move(
        collaboration,
        f"consultation.{answer}",
        by=by,
        now=now,
        field="answer",
        old=Answer.values,
        to=answer,
        version=version,
        comment=comment.strip(),
        answered_by=by,
        answered_at=now,
    )
    keep_duties(collaboration, now=now)
    tell(event=event, people=[task.initiator], link=task.get_absolute_url(), now=now, task=task)
    return collaboration


@transaction.atomic
def ask_again(*, collaboration, by, now) -> Collaboration:
    """Asks a department that commented or declined to look at the revised task (R7)."""
    task = lock_task(collaboration.task, stages=[Stage.CONSULTATION])
    permissions.TASK.require(by, "ask_again", task)
    event = history.move(
        collaboration,
        "consultation.asked_again",
        by=by,
        now=now,
        field="answer",
        old=[Answer.COMMENTED, Answer.DECLINED],
        to=Answer.PENDING,
        asked_at=now,
        comment="",
        answered_by=None,
        answered_at=None,
    )
    keep_duties(collaboration, now=now)
    people = [collaboration.department.head, collaboration.contact]
    tell(event=event, people=people, link=task.get_absolute_url(), now=now, task=task)
    return collaboration


@transaction.atomic
def name_contact(*, collaboration, contact, by, now, version=None) -> Collaboration:
    """The head names the person who acts for the department on this task (接口人), or nobody."""
    task = lock_task(collaboration.task, stages=SHARED)
    permissions.SEAT.require(
        by, "name_contact", permissions.Seat(task, collaboration.department_id)
    )
    if contact and not contact.memberships.filter(department=collaboration.department).exists():
        raise NotInDepartment(field="contact")
    event = history.change(
        collaboration, "contact.named", by=by, now=now, version=version, contact=contact
    )
    if event:
        involve(task, contact)
        asked = SupportRequest.objects.filter(subtask__task=task)
        keep_duties(collaboration, *asked.filter(department=collaboration.department), now=now)
        tell(event=event, people=[contact], link=task.get_absolute_url(), now=now, task=task)
    return collaboration


@transaction.atomic
def open_assignment(*, task, by, now) -> Task:
    """Ends the consultation: departments may now take on work items (R8, R9)."""
    task = lock_task(task, stages=TRANSITIONS["open_assignment"][0])
    permissions.TASK.require(by, "open_assignment", task)
    if task.collaborations.filter(answer=Answer.DECLINED).exists():
        raise StillDeclined
    event = move_task(task, "open_assignment", by=by, now=now, assignment_opened_at=now)
    keep_duties_of(task, now)
    _tell_heads(task, event, now)
    return task


@transaction.atomic
def cancel_task(*, task, by, now, reason) -> Task:
    """Ends a submitted task for a stated reason. It keeps its number and its history (R5)."""
    task = lock_task(task, stages=TRANSITIONS["cancel"][0])
    permissions.TASK.require(by, "cancel", task)
    require_reason(reason)
    event = move_task(task, "cancel", by=by, now=now, reason=reason, ended_at=now)
    settle_task(task=task, now=now)
    tell_everybody(task, event, now)
    return task


@transaction.atomic
def discard_draft(*, task, by, now) -> Task:
    """Puts a draft away; it never had a number."""
    task = lock_task(task, stages=TRANSITIONS["discard"][0])
    permissions.TASK.require(by, "discard", task)
    move_task(task, "discard", by=by, now=now, ended_at=now)
    return task


def move_task(task, act, *, by, now, reason="", **also):
    """Moves the stage as the transition table says, by compare-and-swap; returns the event."""
    old, to = TRANSITIONS[act]
    return history.move(
        task, f"task.{act}", by=by, now=now, field="stage", old=old, to=to, reason=reason, **also
    )


def _tell_heads(task, event, now):
    contacts = [c.contact for c in task.collaborations.select_related("contact")]
    people = [*heads_of(task), *contacts]
    tell(event=event, people=people, link=task.get_absolute_url(), now=now, task=task)
