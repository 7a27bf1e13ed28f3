"""Who may do what: people × acts, the same table for pages and services (R1, R29)."""

import pytest

from tasks import permissions
from tasks.models import Task
from tasks.services import support

LEADS = {"market_head"}
EVERYBODY = {
    "director",
    "market_head",
    "market_staff",
    "sales_head",
    "sales_staff",
    "research_head",
    "research_contact",
    "service_head",
    "finance_head",
    "outsider",
    "records",
    "admin",
}


def allowed(cast, table, action, thing):
    return {name for name in EVERYBODY if table.allows(getattr(cast, name), action, thing)}


@pytest.mark.parametrize("action", sorted(permissions.TASK))
def test_only_the_initiating_side_leads_the_task(cast, running, action):
    assert allowed(cast, permissions.TASK, action, running) == LEADS


def test_each_department_acts_for_itself(cast, running):
    who = {
        cast.market: {"market_head"},
        cast.sales: {"sales_head"},
        cast.research: {"research_head", "research_contact"},
    }
    for seat in permissions.seats_of(running):
        department = next(d for d in who if d.pk == seat.department_id)
        for action in ("answer", "take_on"):
            assert allowed(cast, permissions.SEAT, action, seat) == who[department]


def test_owner_and_department_speak_for_a_subtask(cast, running):
    subtask = running.subtasks.get(department=cast.sales)
    for action in ("report", "finish", "reopen", "ask_support"):
        assert allowed(cast, permissions.SUBTASK, action, subtask) == {"sales_head", "sales_staff"}
    for action in ("edit", "cancel"):
        assert allowed(cast, permissions.SUBTASK, action, subtask) == {"sales_head"}


def test_the_asked_department_answers_a_support_request(cast, running):
    request = support.ask_support(
        subtask=running.subtasks.get(department=cast.sales),
        department=cast.research,
        what="培训材料",
        needed_by=running.end_date,
        by=cast.sales_staff,
        now=running.submitted_at,
    )
    for action in ("answer", "deliver"):
        assert allowed(cast, permissions.SUPPORT, action, request) == {
            "research_head",
            "research_contact",
        }
    assert allowed(cast, permissions.SUPPORT, "withdraw", request) == {"sales_head", "sales_staff"}


def test_a_person_who_left_may_do_nothing(cast, running):
    cast.market_head.is_active = False
    assert allowed(cast, permissions.TASK, "edit", running) == set()


def sees(cast, task):
    return {
        name
        for name in EVERYBODY
        if Task.objects.visible_to(getattr(cast, name)).filter(pk=task.pk).exists()
    }


def test_a_draft_is_seen_by_its_initiating_side_only(cast, draft):
    assert sees(cast, draft) == {"market_head"}


def test_a_submitted_task_is_seen_by_its_departments_and_those_above(cast, running):
    """R29: 客服部 and 财务部 take no part; a system administrator is nobody's colleague."""
    assert sees(cast, running) == EVERYBODY - {"service_head", "finance_head", "outsider", "admin"}
