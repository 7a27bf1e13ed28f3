"""The loop: a solution, its result, the check; round after round until it is closed (R21–R23)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from audit import history
from communications.models import CommunicationState
from coordination.errors import DomainError
from issues import policies
from issues.choices import Result
from issues.models import Issue, Measure, Solution
from issues.services.shared import (
    begin,
    keep,
    local_day,
    next_day,
    one_responsible,
    tell_about,
    words,
)
from issues.workflow import TRANSITIONS
from tasks.permissions import seats_of
from tasks.services.assignment import OtherTask
from tasks.services.shared import involve


class MeasureMissing(DomainError):
    code = "measure_missing"
    message = _("A solution needs at least one measure.")


class MeasureIncomplete(DomainError):
    code = "measure_incomplete"
    message = _("Every measure says what, who and when.")


class MeasureOutside(DomainError):
    code = "measure_outside"
    message = _("A measure is somebody's who works in a department of this task.")


class ResultMissing(DomainError):
    code = "result_missing"
    message = _("Say whether it is solved.")


class MeetingCancelled(DomainError):
    code = "meeting_cancelled"
    message = _("This meeting was cancelled.")


@transaction.atomic
def record_solution(
    *, issue, by, now, measures, department, owner, due_date, meeting=None
) -> Solution:
    """What is done about it, by whom, until when; a new round of the loop begins (R21).

    `measures` are {"what", "owner", "due_date"} in order. Nothing is saved without who and when.
    """
    issue = begin(issue, "solve", by)
    one_responsible(issue.task, department, owner)
    due_date = next_day(due_date, issue.occurred_at, "due_date")
    measures = _checked(issue, measures)
    _check_meeting(issue.task, meeting)
    solution = issue.solutions.create(
        round=issue.solutions.count() + 1,
        meeting=meeting,
        department=department,
        owner=owner,
        due_date=due_date,
        decided_at=now,
        decided_by=by,
    )
    taken = _take_measures(solution, measures)
    event = _move(
        issue,
        "record_solution",
        by=by,
        now=now,
        next_date=due_date,
        extra={
            "responsible": ("", str(owner)),
            "measures": ([], [line_of_measure(m) for m in taken]),
        },
    )
    people = [owner, *(measure.owner for measure in taken)]
    involve(issue.task, *people)
    tell_about(issue, event, [*people, issue.owner, issue.task.initiator], now)
    return solution


@transaction.atomic
def answer_solution(
    *, issue, by, now, result, result_text="", next_step="", next_date=None, version=None
) -> Solution:
    """The result: solved, to be checked; or not, then with a next step and its date (R22).

    `version` is that of the issue the person had opened: a round answers for itself only.
    """
    issue = begin(issue, "answer", by)
    history.require_version(issue, version)
    if result not in (Result.SOLVED, Result.UNSOLVED):
        raise ResultMissing(field="result")
    solution = issue.last_solution
    said = {"result_text": result_text.strip(), "answered_at": now, "answered_by": by}
    if result == Result.SOLVED:
        event = _solved(issue, solution, by, now, said)
    else:
        event = _go_on(issue, solution, "answer_unsolved", by, now, next_step, next_date, said)
    tell_about(issue, event, [issue.owner, issue.task.initiator, issue.task.department.head], now)
    return solution


@transaction.atomic
def close_issue(*, issue, by, now) -> Issue:
    """The initiating department has checked the result: the loop is closed (R23)."""
    issue = begin(issue, "close", by)
    event = _move(issue, "close", by=by, now=now, closed_at=now, closed_by=by)
    people = [issue.owner, issue.last_solution.owner, issue.recorded_by, issue.department.head]
    tell_about(issue, event, people, now)
    return issue


@transaction.atomic
def return_issue(*, issue, by, now, reason, next_step, next_date) -> Issue:
    """The check failed: the round counts as not solved, and the loop goes on (R22, R23)."""
    issue = begin(issue, "return", by)
    solution = issue.last_solution
    reason = words(reason, "reason")
    said = {"return_reason": reason, "returned_at": now, "returned_by": by}
    event = _go_on(issue, solution, "return", by, now, next_step, next_date, said)
    people = [issue.owner, solution.owner, solution.answered_by, issue.department.head]
    tell_about(issue, event, people, now)
    return issue


def _solved(issue, solution, by, now, said):
    """The next date is the day by which the initiating side checks it."""
    _write(solution, result=Result.SOLVED, **said)
    check_by = policies.weekdays_after(local_day(now), policies.ANSWER_WITHIN)
    told = {"result_text": ("", solution.result_text)} if solution.result_text else {}
    return _move(issue, "answer_solved", by=by, now=now, next_date=check_by, extra=told)


def _go_on(issue, solution, act, by, now, next_step, next_date, said):
    """The round ends unsolved; its next step and date keep the issue from being left alone."""
    next_step = words(next_step, "next_step")
    next_date = next_day(next_date, issue.occurred_at)
    _write(solution, result=Result.UNSOLVED, next_step=next_step, next_date=next_date, **said)
    return _move(
        issue,
        act,
        by=by,
        now=now,
        reason=said.get("return_reason", ""),
        next_date=next_date,
        extra={"next_step": ("", next_step)},
    )


def _move(issue, act, *, now, **kwargs):
    """Moves the issue as the transition table says, by compare-and-swap; returns the event.

    What was owed is done, and the next move is owed by the next date.
    """
    old, to = TRANSITIONS[act]
    event = history.move(issue, f"issue.{act}", old=old, to=to, now=now, **kwargs)
    keep(issue, now)
    return event


def _write(solution, **values) -> None:
    for name, value in values.items():
        setattr(solution, name, value)
    solution.save(update_fields=list(values))


def _check_meeting(task, meeting) -> None:
    if meeting is None:
        return
    if meeting.task_id != task.pk:
        raise OtherTask(field="meeting")
    if meeting.state == CommunicationState.CANCELLED:
        raise MeetingCancelled(field="meeting")


def _take_measures(solution, measures) -> list[Measure]:
    numbered = enumerate(measures, start=1)
    return [solution.measures.create(position=number, **measure) for number, measure in numbered]


def _checked(issue, measures) -> list[dict]:
    """The measures, each with what, who and when, all of them people of the task (R21)."""
    if not measures:
        raise MeasureMissing(field="measures")
    measures = [
        {"what": m["what"].strip(), "owner": m["owner"], "due_date": m["due_date"]}
        for m in measures
    ]
    if not all(m["what"] and m["owner"] and m["due_date"] for m in measures):
        raise MeasureIncomplete(field="measures")
    _check_people(issue.task, {m["owner"].pk for m in measures})
    return measures


def _check_people(task, people: set[int]) -> None:
    departments = [seat.department_id for seat in seats_of(task)]
    inside = Membership.objects.filter(
        department__in=departments, user__in=people, user__is_active=True
    )
    if set(inside.values_list("user_id", flat=True)) != people:
        raise MeasureOutside(field="measures")


def line_of_measure(measure) -> str:
    """A measure in one line, as the history keeps it."""
    return f"{measure.what} · {measure.owner} · {measure.due_date}"
