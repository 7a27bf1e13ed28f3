"""Who may do what: people × verbs, at the services and at the pages (R8, R13, R29)."""

import pytest
from django.urls import reverse

from accounts.models import Contact, User
from communications import permissions
from communications.models import Communication
from communications.services import action_items, scheduling
from conftest import at
from coordination.errors import NotAllowed
from tasks.models import Task

EVERYBODY = [
    "market_head",
    "market_contact",
    "market_staff",
    "sales_head",
    "sales_staff",
    "research_head",
    "research_contact",
    "director",
    "service_head",
    "outsider",
    "records",
    "admin",
]
LEADS = {"market_head", "market_contact"}
ACT_FOR_A_DEPARTMENT = LEADS | {"sales_head", "research_head", "research_contact"}
INVOLVED = ACT_FOR_A_DEPARTMENT | {"market_staff", "sales_staff"}
SEE_IT = INVOLVED | {"director", "records"}


@pytest.fixture
def staffed(cast):
    """市场部 has a contact beside its head, the initiator."""
    from conftest import make_person

    cast.market_contact = make_person("专员M", cast.market)
    Contact.objects.create(
        department=cast.market, user=cast.market_contact, named_at=at("2024-09-01 09:00")
    )
    return cast


def allowed(cast, table, act, thing):
    """The names of those whom a table allows an act; each person asked afresh."""
    people = {name: User.objects.get(pk=getattr(cast, name).pk) for name in EVERYBODY}
    return {name for name, person in people.items() if table.allows(person, act, thing)}


@pytest.mark.parametrize(
    ("act", "who"),
    [("schedule", ACT_FOR_A_DEPARTMENT), ("call", LEADS), ("we_talked", INVOLVED)],
)
def test_who_starts_a_talk(running, staffed, act, who):
    assert allowed(staffed, permissions.TASK, act, running) == who


@pytest.mark.parametrize("act", sorted(permissions.COMMUNICATION))
def test_who_acts_on_a_talk(stub, staffed, act):
    """专员C of 销售部 entered it; 经理D keeps its log."""
    entered = {"sales_staff"} if act in ("edit", "cancel") else set()
    assert allowed(staffed, permissions.COMMUNICATION, act, stub) == LEADS | entered


def test_the_keeper_completes_and_corrects_though_no_longer_a_contact(running, staffed):
    talk = scheduling.schedule_communication(
        task=running,
        by=staffed.market_head,
        now=at("2024-10-01 09:00"),
        topic="启动会",
        starts_at=at("2024-10-02 09:00"),
        ends_at=at("2024-10-02 10:00"),
        keeper=staffed.market_contact,
    )
    Contact.objects.filter(user=staffed.market_contact).delete()
    keeps = {"market_head", "market_contact"}
    assert allowed(staffed, permissions.COMMUNICATION, "complete", talk) == keeps
    assert allowed(staffed, permissions.COMMUNICATION, "cancel", talk) == {"market_head"}


@pytest.mark.parametrize("act", sorted(permissions.ACTION_ITEM))
def test_who_acts_on_an_action_item(item, staffed, act):
    """专员C owes it."""
    owner = {"sales_staff"} if act in ("finish", "reopen") else set()
    assert allowed(staffed, permissions.ACTION_ITEM, act, item) == LEADS | owner


def test_the_services_ask_the_same_table(running, stub, item, cast):
    now = at("2024-10-20 09:00")
    for refused in (
        lambda: scheduling.we_talked(task=running, by=cast.director, now=now),
        lambda: scheduling.cancel_communication(
            communication=stub, by=cast.sales_head, now=now, reason="不必"
        ),
        lambda: action_items.finish_action_item(action_item=item, by=cast.sales_head, now=now),
        lambda: action_items.cancel_action_item(
            action_item=item, by=cast.sales_staff, now=now, reason="不必"
        ),
    ):
        with pytest.raises(NotAllowed):
            refused()


@pytest.mark.parametrize("purpose", ["kickoff", "coordination", "review"])
def test_only_the_initiating_department_calls_a_kickoff(running, cast, purpose):
    def call(by, purpose):
        return scheduling.schedule_communication(
            task=running,
            by=by,
            now=at("2024-10-01 09:00"),
            topic="启动会",
            starts_at=at("2024-10-02 09:00"),
            ends_at=at("2024-10-02 10:00"),
            purpose=purpose,
        )

    with pytest.raises(NotAllowed):
        call(cast.sales_head, purpose)
    assert call(cast.sales_head, "regular").keeper == cast.market_head
    assert call(cast.market_head, purpose).purpose == purpose


def test_the_log_is_kept_by_the_initiator_or_a_contact_of_the_department(running, staffed):
    keepers = set(scheduling.keepers_of(running))
    assert keepers == {staffed.market_head, staffed.market_contact}
    with pytest.raises(scheduling.NotAKeeper):
        scheduling.schedule_communication(
            task=running,
            by=staffed.market_head,
            now=at("2024-10-01 09:00"),
            topic="启动会",
            starts_at=at("2024-10-02 09:00"),
            ends_at=at("2024-10-02 10:00"),
            keeper=staffed.sales_staff,
        )


PAGES = [
    # Address, and who may open it beside those who do not even see it (404).
    ("communication_list", "task", SEE_IT),
    ("communication_schedule", "task", ACT_FOR_A_DEPARTMENT),
    ("we_talked", "task", INVOLVED),
    ("communication_detail", "talk", SEE_IT),
    ("communication_edit", "talk", LEADS),
    ("communication_cancel", "talk", LEADS),
    ("communication_complete", "talk", LEADS),
    ("communication_correct", "talk", LEADS),
    ("action_item_done", "item", LEADS | {"sales_staff"}),
    ("action_item_reopen", "item", LEADS | {"sales_staff"}),
    ("action_item_edit", "item", LEADS),
    ("action_item_cancel", "item", LEADS),
]


@pytest.mark.parametrize(("name", "kind", "who"), PAGES)
def test_every_page_is_shown_to_those_it_is_for(item, staffed, client, name, kind, who):
    pk = {"task": item.task_id, "talk": item.communication_id, "item": item.pk}[kind]
    address = reverse(f"communications:{name}", args=[pk])
    for person in EVERYBODY:
        client.force_login(getattr(staffed, person))
        status = client.get(address).status_code
        # A form that is not open (the log is complete already) leads to the protocol.
        expected = {200, 302} if person in who else {403} if person in SEE_IT else {404}
        assert status in expected, (name, person, status)


def test_outsiders_cannot_send_what_they_cannot_open(item, staffed, client):
    client.force_login(staffed.outsider)
    for name, kind, _who in PAGES:
        pk = {"task": item.task_id, "talk": item.communication_id, "item": item.pk}[kind]
        response = client.post(reverse(f"communications:{name}", args=[pk]), {"reason": "无"})
        assert response.status_code in (404, 405)
    assert Communication.objects.count() == 1


def test_nobody_talks_in_a_draft(draft, cast, client):
    assert Task.objects.get().stage == "draft"
    client.force_login(cast.market_head)
    address = reverse("communications:we_talked", args=[draft.pk])
    rows = {"participants-TOTAL_FORMS": "0", "participants-INITIAL_FORMS": "0"}
    assert client.post(address, rows).status_code == 422
    assert not Communication.objects.exists()


def test_an_anonymous_visitor_is_asked_to_sign_in(item, client):
    for name, kind, _who in PAGES:
        pk = {"task": item.task_id, "talk": item.communication_id, "item": item.pk}[kind]
        response = client.get(reverse(f"communications:{name}", args=[pk]))
        assert (response.status_code, "sign-in" in response["Location"]) == (302, True)
