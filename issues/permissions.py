"""Who may do what to an issue. Pages and services read the same table."""

from coordination.permissions import rule
from issues.choices import Grade
from issues.workflow import PLACES
from tasks.permissions import (
    PartTable,
    acts_for,
    acts_for_responsible,
    leads,
    owns,
    seat_of,
    takes_part,
)
from tasks.workflow import WORK_OPEN


@rule("initiating side")
def leads_task(user, issue):
    return leads(user, issue.task)


@rule("recorded it")
def recorded(user, issue):
    return user.acts_as(issue.recorded_by_id)


@rule("general issue")
def is_general(user, issue):
    return issue.grade == Grade.GENERAL


@rule("responsible for the solution, or acts for its department")
def solves(user, issue):
    solution = issue.last_solution
    if solution is None:
        return False
    seat = seat_of(issue.task, solution.department)
    return owns(user, solution) or (seat is not None and acts_for(user, seat))


@rule("was told of it")
def was_told(user, escalation):
    return escalation.person_id == user.pk


concerned = owns | recorded | acts_for_responsible | leads_task

TASK = PartTable({"record_issue": takes_part})

ISSUE = PartTable(
    {
        "edit": concerned,
        "attempt": concerned,
        "grade": concerned,
        "report": concerned,
        # A general issue is coordinated inside its department, the rest by who initiated (R20).
        "solve": leads_task | (is_general & acts_for_responsible),
        "answer": solves | leads_task,
        # R23: the initiating department, and nobody else.
        "close": leads_task,
        "return": leads_task,
    }
)

# Nobody acknowledges for somebody else.
ESCALATION = PartTable({"acknowledge": was_told})


def possible(user, issue) -> set[str]:
    """What this person can do with an issue as it now stands."""
    return {act for act in ISSUE if has_place(issue, act) and ISSUE.allows(user, act, issue)}


def has_place(issue, act: str) -> bool:
    """Whether an act belongs to the state of an issue and to the stage of its task."""
    if issue.task.stage not in WORK_OPEN or (act == "report" and not issue.must_report):
        return False
    return issue.state in PLACES[act]
