"""Who may do what to a communication and its action items (R13). Read by pages and services."""

from communications.models import Purpose
from coordination.permissions import rule
from tasks.permissions import PartTable, acts_in, leads, takes_part


@rule("leads the task")
def leads_task(user, part):
    return leads(user, part.task)


@rule("keeps the log")
def keeps_log(user, communication):
    return user.acts_as(communication.keeper_id)


@rule("entered it")
def entered(user, communication):
    return user.acts_as(communication.opened_by_id)


@rule("responsible person")
def owns(user, action_item):
    return user.acts_as(action_item.owner_id)


@rule("keeps the log it was agreed in")
def keeps_its_log(user, action_item):
    return keeps_log(user, action_item.communication)


# `call`: kickoff, coordination and review meetings are the initiating department's (R8, R21).
TASK = PartTable({"schedule": acts_in, "call": leads, "we_talked": takes_part})

COMMUNICATION = PartTable(
    {
        "edit": entered | leads_task,
        "cancel": entered | leads_task,
        "complete": keeps_log | leads_task,
        "correct": keeps_log | leads_task,
    }
)

ACTION_ITEM = PartTable(
    {
        "finish": owns | leads_task,
        "reopen": owns | leads_task,
        "edit": keeps_its_log | leads_task,
        "cancel": keeps_its_log | leads_task,
    }
)


def act_of(purpose: str) -> str:
    """The act of the TASK table that scheduling for this purpose is."""
    return "schedule" if purpose == Purpose.REGULAR else "call"


def allowed(table: PartTable, user, thing) -> dict[str, bool]:
    """Every act of a table with whether this person may do it, for templates."""
    return {act: table.allows(user, act, thing) for act in table}
