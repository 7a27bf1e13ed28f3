"""Nobody leaves while anything open is theirs; one page hands over all of it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import importing, leaving
from accounts.models import Membership, User
from accounts.services import handing_over, people
from accounts.services.absences import plan_absence
from accounts.services.shared import today
from audit.models import Event
from communications.services import logs, scheduling
from communications.services.action_items import finish_action_item
from conftest import at, make_person, requirement
from coordination.demo_tasks import taken_on
from coordination.errors import NotAllowed
from deadlines.models import Deadline, Message, Notice
from issues.models import Escalation, Issue
from issues.services.recording import record_issue
from issues.services.solving import record_solution
from tasks.models import SupportRequest, Task
from tasks.services import assignment, drafting, initiation, support
from tasks.services.confidentiality import make_confidential
from tasks.services.handing_over import hand_over_subtask

NOW = at("2024-10-08 09:00")
DAY = dt.date(2024, 10, 20)
SECRET = "绝密"
"""Stands in every name and text of what 工程师F holds."""


@pytest.fixture
def successor(cast):
    """工程师N, new in 研发部."""
    return make_person("工程师N", cast.research)


@pytest.fixture
def laden(cast, running, successor):
    """工程师F holds one of everything that is not a head's: 2024-市场-001 is the task of others,
    2024-研发-001 and a draft are theirs.
    """
    leaver = cast.research_contact
    seat = running.collaborations.get(department=cast.research)
    initiation.name_contact(collaboration=seat, contact=leaver, by=cast.research_head, now=NOW)
    promise(cast, running)
    troubles(cast, running)
    agreed(cast, running)
    lead(cast)
    plan_absence(
        person=cast.research_head,
        stand_in=leaver,
        starts_on=dt.date(2024, 10, 14),
        ends_on=dt.date(2024, 10, 18),
        by=cast.research_head,
        now=NOW,
    )
    return leaver


def promise(cast, task):
    asked = support.ask_support(
        subtask=task.subtasks.get(name="渠道铺设"),
        department=cast.research,
        what=f"{SECRET}样机",
        needed_by=DAY,
        by=cast.sales_staff,
        now=NOW,
    )
    support.answer_support(request=asked, answer="accepted", by=cast.research_contact, now=NOW)


def troubles(cast, task):
    """An issue that waits for its solution, and one whose solution is under way."""
    for _turn in range(2):
        issue = record_issue(
            task=task,
            by=cast.research_contact,
            now=NOW,
            description=f"{SECRET}问题",
            cause="人手不足",
            occurred_at=at("2024-10-08 08:00"),
            department=cast.research,
            owner=cast.research_contact,
            needs_other_departments=False,
            affects_finish=False,
            next_date=DAY,
        )
    record_solution(
        issue=issue,
        by=cast.research_head,
        now=NOW,
        measures=[{"what": f"{SECRET}措施", "owner": cast.research_contact, "due_date": DAY}],
        department=cast.research,
        owner=cast.research_contact,
        due_date=DAY,
    )


def agreed(cast, task):
    """Two things agreed, one of them done."""
    talk = scheduling.we_talked(task=task, by=cast.market_head, now=NOW, topic="上线时间")
    items = [
        {"owner": cast.research_contact, "what": f"{SECRET}{what}", "due_date": DAY}
        for what in ("完成测试", "交付样机")
    ]
    talk = logs.complete_log(
        communication=talk,
        by=cast.market_head,
        now=NOW,
        conclusions="研发部确认",
        participants=[{"department_name": "研发部", "name": "工程师F"}],
        action_items=items,
    )
    finish_action_item(action_item=talk.action_items.first(), by=cast.research_contact, now=NOW)


def lead(cast, number=1):
    """Tasks and drafts of 研发部 that 工程师F leads, each task with a log to keep."""
    fields, rows = requirement(title=f"{SECRET}任务")
    title = fields.pop("title")
    for _turn in range(number):
        by = {"by": cast.research_contact, "now": NOW}
        for _task in range(2):
            task = drafting.create_draft(department=cast.research, title=title, **by)
        values = {"fields": fields, "rows": rows, "departments": [cast.sales]}
        task = drafting.save_draft(task=task, version=task.version, **values, **by)
        task = initiation.submit_task(task=task, **by)
        scheduling.we_talked(task=task, topic=f"{SECRET}电话", **by)


def held(person, **limits):
    """What the person holds: {kind: how many}."""
    found = {}
    for thing in leaving.things_of(person, today(NOW), **limits):
        found[thing.kind.code] = found.get(thing.kind.code, 0) + 1
    return found


ONE_OF_EACH = {
    "contact": 1,
    "absence": 1,
    "task": 2,
    "collaboration": 1,
    "subtask": 1,
    "request": 1,
    "communication": 1,
    "action_item": 1,
    "issue": 2,
    "solution": 1,
    "measure": 1,
}


def give(leaver, taker, by, now=NOW, **options):
    """Everything to one person, as the page does it."""
    keys = [thing.key for thing in leaving.things_of(leaver, today(now))]
    wanted = {"to": dict.fromkeys(keys, taker), "reason": "调岗"} | options
    return handing_over.hand_over(person=leaver, by=by, now=now, **wanted)


def test_everything_open_is_found_and_nothing_else(laden):
    assert held(laden) == ONE_OF_EACH


def test_all_of_it_goes_to_one_person_and_the_access_ends_in_the_same_moment(
    cast, laden, successor
):
    assert give(laden, successor, cast.admin, deactivate=True) == sum(ONE_OF_EACH.values())
    assert not User.objects.get(pk=laden.pk).is_active
    assert held(laden) == {}
    assert held(successor) == ONE_OF_EACH
    assert not Deadline.objects.owed_by(laden).exists()
    assert Deadline.objects.owed_by(successor).exists()


def test_whoever_takes_over_sees_every_task_and_is_told_in_one_mail(cast, laden, successor):
    give(laden, successor, cast.admin)
    number = Task.objects.visible_to(User.objects.get(pk=successor.pk)).count()
    assert number == Task.objects.count()
    assert Message.objects.filter(recipient=successor).count() == 1
    told = Notice.objects.filter(recipient=successor, event__action="person.took_over").get()
    assert told.event.changes["taken_over"][1].count("2024-市场-001 ← 工程师F") == 8


def test_the_history_of_the_task_and_of_both_people_says_who_had_it(cast, laden, successor):
    give(laden, successor, cast.admin)
    event = Event.objects.get(action="subtask.handed_over")
    assert event.changes["owner"] == ["工程师F", "工程师N"]
    assert (event.reason, event.actor_name) == ("调岗", "管理员")
    for person, action in ((laden, "person.handed_over"), (successor, "person.took_over")):
        last = Event.objects.about(person).first()
        assert (last.action, last.reason) == (action, "调岗")
    assert not Event.objects.filter(task_id=None, changes__icontains=SECRET).exists()


def test_what_is_finished_keeps_the_old_name(cast, laden, successor):
    give(laden, successor, cast.admin, deactivate=True)
    done = Task.objects.get(number="2024-市场-001").action_items.get(state="done")
    assert done.owner == laden
    assert SupportRequest.objects.get().answered_by == laden
    assert Issue.objects.filter(recorded_by=laden).count() == 2


def test_whoever_took_a_promise_over_delivers_it(cast, laden, successor):
    give(laden, successor, cast.admin)
    request = SupportRequest.objects.get()
    support.deliver_support(request=request, by=User.objects.get(pk=successor.pk), now=NOW)
    assert SupportRequest.objects.get().state == "delivered"


def test_a_new_promise_is_kept_by_whoever_gives_it(cast, laden, successor):
    give(laden, successor, cast.admin)
    request = SupportRequest.objects.get()
    support.answer_support(request=request, answer="accepted", by=cast.research_head, now=NOW)
    assert (
        Deadline.objects.get(kind="support_delivery", settled_at=None).owner == cast.research_head
    )


def test_a_helper_who_takes_the_subtask_over_is_no_helper_any_more(cast, running, successor):
    subtask = running.subtasks.get(department=cast.research)
    subtask.helpers.set([successor, cast.research_head])
    give(cast.research_contact, successor, cast.admin)
    subtask.refresh_from_db()
    assert (subtask.owner, list(subtask.helpers.all())) == (successor, [cast.research_head])


def test_a_head_goes_and_what_they_owe_for_the_department_goes_with_it(cast, consulted):
    deputy = make_person("副经理", cast.sales)
    give(cast.sales_head, deputy, cast.admin, deactivate=True)
    cast.sales.refresh_from_db()
    assert cast.sales.head == deputy
    assert Deadline.objects.owed_by(deputy).get().kind == "consultation"


def test_an_initiating_head_goes_and_so_do_the_tasks(cast, running):
    give(cast.market_head, cast.market_staff, cast.admin, deactivate=True)
    running.refresh_from_db()
    assert running.initiator == cast.market_staff
    assert not Deadline.objects.owed_by(cast.market_head).exists()


def test_what_a_superior_is_to_acknowledge_is_told_to_the_next(cast, running):
    issue = reported(cast, running)
    give(cast.market_head, cast.market_staff, cast.admin, deactivate=True)
    first, second = Escalation.objects.filter(issue=issue, department=cast.market)
    assert (first.person, first.handed_to, first.is_open) == (
        cast.market_head,
        cast.market_staff,
        False,
    )
    assert (second.person, second.is_open) == (cast.market_staff, True)
    owed = Deadline.objects.owed_by(cast.market_staff).filter(kind="escalation_ack")
    assert owed.get().subject_id == second.pk


def reported(cast, task):
    return record_issue(
        task=task,
        by=cast.sales_staff,
        now=NOW,
        description="物料未到",
        cause="产能不足",
        occurred_at=NOW,
        department=cast.sales,
        owner=cast.sales_staff,
        needs_other_departments=True,
        affects_finish=True,
        next_date=DAY,
        report=True,
    )


# Who may take over, and who may hand over


def test_nobody_outside_the_department_takes_its_work(cast, laden):
    with pytest.raises(handing_over.Refused) as refused:
        give(laden, cast.sales_staff, cast.admin)
    assert {key.split("-")[0] for key in refused.value.errors} == set(ONE_OF_EACH)
    assert held(laden) == ONE_OF_EACH


def test_a_task_is_led_by_the_head_or_a_contact_only(cast, laden, successor):
    with pytest.raises(handing_over.Refused, match="Nothing is handed over"):
        give(laden, None, cast.admin, to=only(laden, "task", successor))


def test_an_administrator_does_not_let_themselves_into_a_task(cast, laden):
    for code in ("action_item", "measure"):
        with pytest.raises(handing_over.Refused):
            give(laden, None, cast.admin, to=only(laden, code, cast.admin))
    assert not Task.objects.visible_to(cast.admin).exists()


@pytest.mark.parametrize("person", ["sales_head", "director", "research_contact", "records"])
def test_strangers_and_the_person_themselves_hand_nothing_over(cast, laden, successor, person):
    with pytest.raises(NotAllowed):
        give(laden, successor, getattr(cast, person))


def test_the_head_of_the_department_hands_over_what_is_held_for_it(cast, laden, successor):
    assert give(laden, successor, cast.research_head) == sum(ONE_OF_EACH.values())


def test_who_heads_a_department_is_an_administrators_to_say(cast, sign_in):
    page = sign_in(cast.sales_head).get(f"/people/{cast.sales_head.pk}/hand-over/")
    assert page.context["form"].lines == []
    assert page.context["number_of_others"] == 1


def test_a_head_learns_nothing_of_what_is_held_for_another_department(
    cast, laden, running, sign_in
):
    Membership.objects.create(user=laden, department=cast.service)
    page = sign_in(cast.service_head).get(f"/people/{laden.pk}/hand-over/")
    # What is theirs wherever they work: the action item and the measure.
    assert len(page.context["form"].lines) == 2
    assert SECRET not in page.content.decode()


# Nobody leaves before


def test_nobody_is_deactivated_before_and_the_way_is_shown(cast, laden, sign_in):
    with pytest.raises(people.StillNeeded, match="Responsible for the subtask: 1"):
        people.deactivate_person(person=laden, by=cast.admin, now=NOW)
    client = sign_in(cast.admin)
    answer = client.post(f"/people/{laden.pk}/deactivate/")
    assert answer["Location"] == f"/people/{laden.pk}/hand-over/"
    assert f"/people/{laden.pk}/hand-over/" in client.get(f"/people/{laden.pk}/").content.decode()


def test_access_does_not_end_while_a_line_names_nobody(cast, laden, successor):
    things = leaving.things_of(laden, today(NOW))
    to = dict.fromkeys((thing.key for thing in things), successor) | {things[-1].key: None}
    with pytest.raises(handing_over.Refused) as refused:
        give(laden, successor, cast.admin, to=to, deactivate=True)
    assert list(refused.value.errors) == [things[-1].key]


def move(cast, person, *to):
    person.refresh_from_db()
    fields = ("username", "name", "email", "title", "language", "version")
    rights = ("is_records_administrator", "is_staff")
    values = {name: getattr(person, name) for name in fields + rights}
    place = {"departments": list(to), "main_department": None}
    people.edit_person(person=person, by=cast.admin, now=NOW, **values, **place)


@pytest.mark.out_of_step  # whoever moves has another line above: a worker is asked to recount
def test_nobody_moves_while_the_work_of_the_department_is_theirs(cast, laden, successor):
    with pytest.raises(people.StillActsFor, match="研发部"):
        move(cast, laden, cast.sales)
    of_research = [cast.research.pk]
    keys = [t.key for t in leaving.things_of(laden, today(NOW), of_research)]
    to = dict.fromkeys(keys, successor)
    give(laden, successor, cast.admin, to=to, departments=of_research)
    move(cast, laden, cast.sales)
    # What is theirs wherever they work goes with them.
    assert held(laden) == {"action_item": 1, "measure": 1}


def test_the_page_of_a_move_leads_to_what_is_held_for_that_department(cast, running, sign_in):
    person = cast.sales_staff
    values = {"name": person.name, "username": person.username, "version": person.version}
    client = sign_in(cast.admin)
    page = client.post(f"/people/{person.pk}/edit/", values | {"departments": [cast.market.pk]})
    assert page.status_code == 422
    way = f"/people/{person.pk}/hand-over/?department={cast.sales.pk}"
    assert way in page.content.decode()
    assert "Hand it over first: Responsible for the subtask: 1." in page.content.decode()
    page = client.get(way)
    assert [line.thing.name for line in page.context["form"].lines] == ["渠道铺设"]
    sent = typed(page, everything="销售部 主管G", reason="调岗")
    assert client.post(way, sent)["Location"] == f"/people/{person.pk}/edit/"


def test_an_import_moves_nobody_either(cast, running):
    table = "姓名,登录名,部门\n专员C,专员C,市场部\n".encode()
    rows, _ignored = importing.read_rows("a.csv", table)
    (row,) = importing.rehearse(rows, by=cast.admin, now=NOW)
    assert row.outcome == importing.ERROR
    assert "Responsible for the subtask: 1" in str(row.problems)


# The page


def opened(client, person):
    return client.get(f"/people/{person.pk}/hand-over/")


def typed(page, **fields):
    """What the page would send, with some fields filled in."""
    return {line.name: line.typed for line in page.context["form"].lines} | fields


def test_one_name_hands_over_everything_and_a_line_may_name_another(
    cast, laden, successor, sign_in
):
    client = sign_in(cast.admin)
    page = opened(client, laden)
    item = next(x.name for x in page.context["form"].lines if x.thing.kind.code == "action_item")
    sent = typed(page, everything="研发部 工程师N", reason="离职", **{item: "经理B"})
    answer = client.post(page.request["PATH_INFO"], sent | {"and": "deactivate"})
    assert answer["Location"] == f"/people/{laden.pk}/"
    assert held(cast.research_head)["action_item"] == 1
    assert not User.objects.get(pk=laden.pk).is_active


def test_what_is_wrong_stands_in_its_line_and_nothing_typed_is_lost(cast, laden, sign_in):
    client = sign_in(cast.admin)
    page = opened(client, laden)
    line = next(x for x in page.context["form"].lines if x.thing.kind.code == "subtask")
    sent = typed(page, everything="研发部 经理B", reason="离职", **{line.name: "销售部 专员C"})
    answer = client.post(page.request["PATH_INFO"], sent)
    assert answer.status_code == 422
    form = answer.context["form"]
    wrong = {x.name: x.typed for x in form.lines if x.error}
    assert wrong == {line.name: "销售部 专员C"}
    assert (form["everything"].value(), form["reason"].value()) == ("研发部 经理B", "离职")
    assert held(laden) == ONE_OF_EACH


def test_without_a_reason_or_anybody_nothing_happens(cast, laden, sign_in):
    client = sign_in(cast.admin)
    page = opened(client, laden)
    for fields in ({"everything": "研发部 工程师N"}, {"reason": "离职"}, {"everything": "谁"}):
        assert client.post(page.request["PATH_INFO"], typed(page, **fields)).status_code == 422
    assert held(laden) == ONE_OF_EACH


def test_what_somebody_finished_meanwhile_is_told(cast, laden, sign_in):
    client = sign_in(cast.admin)
    page = opened(client, laden)
    subtask = Task.objects.get(number="2024-市场-001").subtasks.get(owner=laden)
    assignment.finish_subtask(subtask=subtask, by=laden, now=NOW)
    sent = typed(page, everything="研发部 工程师N", reason="离职")
    answer = client.post(page.request["PATH_INFO"], sent)
    assert answer.status_code == 422
    assert "Meanwhile" in answer.content.decode()
    assert "subtask" not in {x.thing.kind.code for x in answer.context["form"].lines}
    assert "subtask" not in held(laden)
    assert held(laden)["task"] == 2


def test_of_two_people_who_hand_over_the_same_one_wins(cast, laden, successor, sign_in):
    client = sign_in(cast.admin)
    page = opened(client, laden)
    give(laden, make_person("工程师M", cast.research), cast.admin)
    before = Event.objects.count()
    sent = typed(page, everything="研发部 工程师N", reason="离职")
    answer = client.post(page.request["PATH_INFO"], sent)
    assert answer.status_code == 422
    assert "Meanwhile" in answer.content.decode()
    assert Event.objects.count() == before
    assert held(successor) == {}


def test_a_list_that_has_changed_is_refused_through_every_door(cast, laden, successor):
    to = only(laden, "action_item", successor)
    subtask = Task.objects.get(number="2024-市场-001").subtasks.get(owner=laden)
    assignment.finish_subtask(subtask=subtask, by=laden, now=NOW)
    with pytest.raises(handing_over.ListChanged):
        give(laden, None, cast.admin, to=to)


def test_a_service_is_not_asked_twice_for_one_thing(cast, laden, successor):
    subtask = Task.objects.get(number="2024-市场-001").subtasks.get(owner=laden)
    act = {"subtask": subtask, "former": laden, "by": cast.admin, "now": NOW, "reason": "调岗"}
    hand_over_subtask(to=successor, **act)
    with pytest.raises(leaving.NoLongerTheirs):
        hand_over_subtask(to=cast.research_head, **act)


def test_a_double_click_hands_over_once(cast, laden, sign_in):
    client = sign_in(cast.admin)
    page = opened(client, laden)
    once = {"once": "6f1f2a3e-6d1c-4a52-9a0c-3c1f5a1b2c3d"}
    sent = typed(page, everything="研发部 工程师N", reason="离职") | once
    answers = [client.post(page.request["PATH_INFO"], sent) for _click in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Event.objects.filter(action="subtask.handed_over").count() == 1
    assert Event.objects.filter(action="person.handed_over").count() == 1


def test_nobody_reads_here_what_they_may_not_see(cast, laden, sign_in):
    """An administrator hands over what they may not read (R29): which task, not what about."""
    for url in ("hand-over/", "", "edit/"):
        assert SECRET not in sign_in(cast.admin).get(f"/people/{laden.pk}/{url}").content.decode()
    page = opened(sign_in(cast.admin), laden)
    words = {x.thing.words for x in page.context["form"].lines}
    assert {"A subtask in 2024-市场-001", "The task 2024-研发-001", "A draft"} <= words
    refused = sign_in(cast.admin).post(page.request["PATH_INFO"], typed(page))
    assert SECRET not in refused.content.decode()
    # The head sees them, and reads what they are about.
    assert SECRET in opened(sign_in(cast.research_head), laden).content.decode()


IN_ANOTHERS_TASK = ("collaboration", "subtask", "request", "action_item", "issue", "solution")


@pytest.mark.parametrize("code", [*IN_ANOTHERS_TASK, "measure"])
def test_whoever_takes_one_thing_over_sees_its_confidential_task(cast, laden, successor, code):
    task = Task.objects.get(number="2024-市场-001")
    make_confidential(task=task, by=cast.market_head, now=NOW)
    assert not Task.objects.visible_to(successor).filter(pk=task.pk).exists()
    give(laden, None, cast.admin, to=only(laden, code, successor))
    taker = User.objects.get(pk=successor.pk)
    assert Task.objects.visible_to(taker).filter(pk=task.pk).exists()
    assert held(successor) == {code: ONE_OF_EACH[code]}
    assert code not in held(laden)


def only(leaver, code, taker):
    """What is of one kind to somebody; the rest stays."""
    things = leaving.things_of(leaver, today(NOW))
    return {thing.key: taker if thing.kind.code == code else None for thing in things}


def test_of_a_confidential_task_an_administrator_reads_nothing(cast, laden, sign_in):
    task = Task.objects.get(number="2024-市场-001")
    make_confidential(task=task, by=cast.market_head, now=NOW)
    assert SECRET not in opened(sign_in(cast.admin), laden).content.decode()


def test_where_nobody_is_left_the_page_says_what_to_do(cast, running, sign_in):
    Membership.objects.filter(department=cast.sales).exclude(user=cast.sales_staff).delete()
    page = opened(sign_in(cast.admin), cast.sales_staff)
    assert page.context["form"].lines[0].may == frozenset()
    assert "add somebody to it first" in page.content.decode()


def test_two_people_of_one_name_are_told_apart(cast, running, sign_in):
    twins = [make_person(f"twin{n}", cast.sales) for n in (1, 2)]
    User.objects.filter(pk__in=[twin.pk for twin in twins]).update(name="张伟")
    client = sign_in(cast.admin)
    page = opened(client, cast.sales_staff)
    (line,) = page.context["form"].lines
    offered = page.context["form"].offers[line.offers]
    assert {"销售部 张伟 (twin1)", "销售部 张伟 (twin2)"} <= set(offered)
    sent = {line.name: "张伟", "reason": "离职"}
    assert client.post(page.request["PATH_INFO"], sent).status_code == 422
    sent = {line.name: "销售部 张伟 (twin2)", "reason": "离职"}
    assert client.post(page.request["PATH_INFO"], sent).status_code == 302
    assert held(twins[1]) == {"subtask": 1}


def more_subtasks(cast, task, number):
    for _turn in range(number):
        taken_on(
            task,
            "产品培训",
            cast.research,
            cast.research_contact,
            NOW,
            goal="覆盖5家门店",
            start=DAY,
            due=DAY,
        )


def test_the_page_costs_the_same_for_a_few_and_for_many(cast, laden, running, sign_in):
    clients = [sign_in(cast.admin)]
    few = [statements(client, laden) for client in clients]
    more_subtasks(cast, running, 27)
    many = [statements(client, laden) for client in clients]
    assert few == many
    assert max(many) <= 20
    assert statements(sign_in(cast.research_head), laden) <= 20


def statements(client, person):
    with CaptureQueriesContext(connection) as captured:
        assert opened(client, person).status_code == 200
    return len(captured)
