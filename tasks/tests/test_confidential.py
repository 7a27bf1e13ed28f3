"""A confidential task is open to its initiator, the heads of its departments and people named."""

import pytest
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from conftest import at
from coordination.errors import NotAllowed
from deadlines.models import Message, Notice
from tasks import permissions
from tasks.models import Task, TaskMember
from tasks.services.confidentiality import (
    HasAPart,
    SeesItAlready,
    let_see,
    make_confidential,
    make_open,
    stop_seeing,
)
from tasks.services.shared import involve

NOW = at("2024-10-08 09:00")


@pytest.fixture
def secret(cast, running):
    return make_confidential(task=running, by=cast.market_head, now=NOW, reason="涉及人员调整")


def sees(person, task) -> bool:
    person = type(person).objects.get(pk=person.pk)
    listed = Task.objects.listed_to(person).filter(pk=task.pk).exists()
    assert listed == Task.objects.visible_to(person).filter(pk=task.pk).exists()
    return listed


def who_sees(cast, task) -> set[str]:
    people = {name: row for name, row in vars(cast).items() if hasattr(row, "username")}
    return {name for name, person in people.items() if sees(person, task)}


def test_only_initiator_heads_and_people_with_a_part_see_it(cast, secret):
    owners = {"market_staff", "research_contact", "sales_staff"}
    heads = {"market_head", "sales_head", "research_head"}
    assert who_sees(cast, secret) == heads | owners


def test_opened_again_everybody_sees_it_who_did_before(cast, running):
    before = who_sees(cast, running)
    make_confidential(task=running, by=cast.market_head, now=NOW)
    make_open(task=running, by=cast.market_head, now=NOW)
    assert who_sees(cast, running) == before
    assert {"director", "records"} <= before


def test_a_new_head_sees_it_and_the_one_before_does_not(cast, secret):
    cast.sales.head = cast.service_head
    cast.sales.save()
    assert sees(cast.service_head, secret)
    assert not sees(cast.sales_head, secret)


def test_a_confidential_draft_is_its_initiators_and_their_heads(cast, draft):
    draft.initiator = cast.market_staff
    draft.save()
    make_confidential(task=draft, by=cast.market_head, now=NOW)
    assert who_sees(cast, draft) == {"market_staff", "market_head"}


def test_somebody_let_in_sees_it_until_it_is_taken_back(cast, secret):
    member = let_see(task=secret, person=cast.outsider, by=cast.market_head, now=NOW)
    assert sees(cast.outsider, secret)
    assert Notice.objects.filter(recipient=cast.outsider).exists()
    stop_seeing(member=member, by=cast.market_head, now=NOW)
    assert not sees(cast.outsider, secret)
    assert [e.action for e in Event.objects.of_task(secret.pk)[:2]] == [
        "task.stopped_seeing",
        "task.let_see",
    ]


def test_an_archivist_is_let_in_by_name_like_anybody(cast, secret):
    assert not sees(cast.records, secret)
    let_see(task=secret, person=cast.records, by=cast.market_head, now=NOW)
    assert sees(cast.records, secret)


def test_nobody_is_let_in_twice(cast, secret):
    with pytest.raises(SeesItAlready, match="专员H"):
        let_see(task=secret, person=cast.market_staff, by=cast.market_head, now=NOW)


def test_whoever_was_let_in_and_got_a_part_keeps_seeing_it(cast, secret):
    member = let_see(task=secret, person=cast.outsider, by=cast.market_head, now=NOW)
    involve(secret, cast.outsider)
    with pytest.raises(HasAPart):
        stop_seeing(member=member, by=cast.market_head, now=NOW)


@pytest.mark.parametrize("who", ["sales_head", "market_staff", "director", "admin", "records"])
def test_who_decides_it_is_the_initiating_side(cast, running, who):
    with pytest.raises(NotAllowed):
        make_confidential(task=running, by=getattr(cast, who), now=NOW)


def test_nobody_acts_on_what_they_do_not_see(cast, secret):
    """The rule stands at the bottom: the table refuses, whichever door somebody comes through."""
    secret.department.contacts.create(user=cast.service_head, named_at=NOW)
    contact = type(cast.service_head).objects.get(pk=cast.service_head.pk)
    assert permissions.is_initiating_contact(contact, secret)
    assert not permissions.TASK.allows(contact, "revise", secret)


def test_a_mail_on_its_way_is_withdrawn_from_who_no_longer_sees_it(cast, running):
    from deadlines.mails import compose
    from deadlines.services import tell
    from deadlines.told import Withdrawn

    event = Event.objects.of_task(running.pk)[0]
    tell(event=event, people=[cast.director], link="/", now=NOW, task=running)
    mail = Message.objects.get(recipient=cast.director)
    make_confidential(task=running, by=cast.market_head, now=NOW)
    with pytest.raises(Withdrawn):
        compose(mail, NOW)


def test_the_page_says_who_sees_it_and_why(cast, secret, sign_in):
    let_see(task=secret, person=cast.outsider, by=cast.market_head, now=NOW)
    page = sign_in(cast.market_head).get(reverse("tasks:who_sees", args=[secret.pk]))
    named = {reader.person for reader in page.context["by_name"]}
    seeing = {getattr(cast, name) for name in who_sees(cast, secret)}
    assert named == seeing
    assert page.context["by_place"] == []


def test_of_an_open_task_the_page_names_departments_managers_and_archivists(cast, running, sign_in):
    page = sign_in(cast.market_head).get(reverse("tasks:who_sees", args=[running.pk]))
    text = " ".join(f"{place} {who}" for place, who in page.context["by_place"])
    assert "市场部" in text and "销售部" in text and "总监A" in text and "档案员" in text


def test_a_name_is_found_and_an_unknown_or_double_one_is_asked_again(cast, secret, sign_in):
    browser, url = sign_in(cast.market_head), reverse("tasks:who_sees", args=[secret.pk])
    assert browser.post(url, {"person": "无此人"}).status_code == 422
    cast.admin.name = "会计K"
    cast.admin.save()
    double = browser.post(url, {"person": "会计K "})
    assert double.status_code == 302  # It is a user name, too, and that decides.
    assert TaskMember.objects.filter(task=secret, user=cast.outsider).exists()


def test_two_of_the_same_name_are_told_apart_by_user_name(cast, secret, sign_in):
    for person, name in ((cast.admin, "重名"), (cast.records, "重名")):
        person.name = name
        person.save()
    url = reverse("tasks:who_sees", args=[secret.pk])
    page = sign_in(cast.market_head).post(url, {"person": "重名"})
    assert page.status_code == 422
    assert "管理员" in page.content.decode()


def test_who_was_let_in_by_name_reads_and_adds_nothing(cast, secret, sign_in):
    """Who records something names people, and whoever is named sees the task from then on."""
    page = sign_in(cast.outsider)
    let_see(task=secret, person=cast.outsider, by=cast.market_head, now=NOW)
    assert page.get(secret.get_absolute_url()).status_code == 200
    doors = ("issues:issue_create", "communications:we_talked")
    addresses = [reverse(name, args=[secret.pk]) for name in doors]
    for address in [*addresses, reverse("attachments:attach", args=[f"task-{secret.pk}"])]:
        assert page.get(address).status_code == 403


def test_totals_of_a_senior_manager_count_it_without_a_word(cast, secret, sign_in):
    page = sign_in(cast.director).get(reverse("dashboards:overview"))
    assert [n for _status, n in page.context["hidden"]] == [1]
    assert secret.title not in page.content.decode()
    narrowed = sign_in(cast.director).get(reverse("dashboards:overview"), {"since": "2024-10-01"})
    assert narrowed.context["hidden"] == []


def test_who_stands_above_one_department_is_not_told_which_others_take_part(cast, secret, sign_in):
    for department in (cast.market, cast.research):
        department.parent = None
        department.save()
    page = sign_in(cast.director)

    def hidden(department):
        asked = page.get(reverse("dashboards:overview"), {"department": department.pk})
        return [n for _status, n in asked.context["hidden"]]

    assert [hidden(each) for each in (cast.sales, cast.market, cast.research)] == [[1], [], []]


def test_colleagues_learn_from_no_number_that_there_is_one(cast, secret, sign_in):
    colleague = User.objects.create(username="colleague", name="专员L")
    colleague.memberships.create(department=cast.sales)
    for person, promised in ((cast.director, 1), (cast.sales_head, 1), (colleague, 0)):
        page, sales = sign_in(person), [cast.sales.pk]
        overview = page.get(reverse("dashboards:overview")).context
        assert bool(overview["hidden"]) == (person == cast.director)
        work = page.get(reverse("dashboards:department_work", args=sales)).context
        assert work["made"].count == promised
        assert sum(row["subtasks"] for row in work["load"]) == promised
        workload = page.get(reverse("dashboards:workload"), {"department": cast.sales.pk}).context
        assert any(cell.total for line in workload["lines"] for cell in line.cells) == bool(
            promised
        )


def test_a_department_counts_its_promises_and_shows_only_those_one_may_see(cast, secret, sign_in):
    url = reverse("dashboards:department_work", args=[cast.sales.pk])
    page = sign_in(cast.director).get(url)
    assert page.context["made"].count == 1
    assert page.context["made"].rows == []
    assert "渠道铺设" not in page.content.decode()
    own = sign_in(cast.sales_head).get(url)
    assert len(own.context["made"].rows) == 1
