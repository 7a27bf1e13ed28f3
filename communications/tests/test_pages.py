"""The pages, as people use them in a browser: nothing typed is lost, nothing happens twice."""

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import Event
from communications.models import ActionItem, Communication, CommunicationState, Participant
from communications.services import scheduling
from communications.tests.conftest import CONCLUSIONS, people
from conftest import at
from deadlines.models import Deadline

RUNNING_TEXT = "大家就产品上线时间进行了讨论，气氛热烈。"


def url(name, pk):
    return reverse(f"communications:{name}", args=[pk])


def rows(prefix, *entries):
    """The fields of a formset: rows("participants", {"name": …}, …)."""
    fields = {f"{prefix}-TOTAL_FORMS": len(entries), f"{prefix}-INITIAL_FORMS": 0}
    for index, entry in enumerate(entries):
        fields |= {f"{prefix}-{index}-{name}": value for name, value in entry.items()}
    return fields


def log_fields(communication, *, items=(), participants=None, **changes):
    participants = participants or [{"department_name": "市场部", "name": "经理D"}]
    fields = {
        "version": communication.version,
        "topic": "产品功能上线时间确认",
        "starts_at": "2024-10-05T14:00",
        "ends_at": "2024-10-05T15:00",
        "method": "meeting",
        "place": "三楼会议室",
        "conclusions": CONCLUSIONS,
    }
    fields |= rows("participants", *participants) | rows("action_items", *items)
    return fields | changes


ITEM = {"owner": "销售部 专员C", "what": "提交推广文案初稿", "due_date": "2024-11-02"}


# Starting the clock -----------------------------------------------------------------------------


def test_one_click_starts_the_24_hours(running, cast, sign_in):
    browser = sign_in(cast.sales_staff)
    page = browser.get(url("communication_list", running.pk))
    assert b"within 24 hours of its end" in page.content
    before = timezone.now()
    response = browser.post(url("we_talked", running.pk), rows("participants"), follow=True)
    stub = Communication.objects.get()
    assert stub.state == CommunicationState.TO_LOG
    assert before - dt.timedelta(minutes=1) <= stub.ends_at <= timezone.now()
    assert "经理D completes the log" in response.content.decode()
    assert [str(p) for p in stub.participants.all()] == ["销售部 专员C"]


def test_we_talked_earlier_says_when_and_with_whom(running, cast, sign_in):
    fields = {"ended_at": "2024-10-18 10:30", "topic": "门店对接", "method": "chat"}
    fields |= rows("participants", {"department_name": "", "name": "市场部 专员H"}, {"name": ""})
    sign_in(cast.sales_staff).post(url("we_talked", running.pk), fields)
    stub = Communication.objects.get()
    assert (stub.topic, stub.method, stub.ends_at) == ("门店对接", "chat", at("2024-10-18 10:30"))
    assert [str(p) for p in stub.participants.all()] == ["销售部 专员C", "市场部 专员H"]


def test_the_keeper_finds_the_stub_among_the_duties(stub, cast, sign_in):
    page = sign_in(cast.market_head).get("/").content.decode()
    assert url("communication_complete", stub.pk) in page


def test_a_double_click_starts_one_clock(running, cast, sign_in):
    browser = sign_in(cast.sales_staff)
    fields = rows("participants") | {"once": str(uuid.uuid4())}
    first = browser.post(url("we_talked", running.pk), fields)
    second = browser.post(url("we_talked", running.pk), fields)
    assert first["Location"] == second["Location"]
    assert Communication.objects.count() == 1


def test_a_talk_is_scheduled_and_its_people_told(running, cast, sign_in):
    browser = sign_in(cast.market_head)
    asked = url("communication_schedule", running.pk) + "?purpose=kickoff&topic=启动会"
    assert "启动会" in browser.get(asked).content.decode()
    start = timezone.localtime() + dt.timedelta(days=2)
    fields = {
        "purpose": "kickoff",
        "topic": "启动会",
        "starts_at": f"{start:%Y-%m-%dT14:00}",
        "ends_at": f"{start:%Y-%m-%dT15:00}",
        "method": "meeting",
        "place": "三楼会议室",
        "keeper": cast.market_head.pk,
    }
    fields |= rows(
        "participants", {"name": "主管G"}, {"department_name": "研发", "name": "工程师F"}
    )
    assert browser.post(url("communication_schedule", running.pk), fields).status_code == 302
    talk = Communication.objects.get()
    assert talk.purpose == "kickoff"
    assert {p.user for p in talk.participants.all()} == {cast.sales_head, cast.research_contact}
    assert Deadline.objects.open().of(talk).get().due_at == talk.ends_at + dt.timedelta(hours=24)


def test_a_collaborating_head_is_not_offered_a_kickoff(running, cast, sign_in):
    page = sign_in(cast.sales_head).get(url("communication_schedule", running.pk))
    assert list(page.context["form"].fields["purpose"].choices) == [("regular", "Communication")]


def test_a_past_time_is_refused_at_its_field_with_everything_kept(running, cast, sign_in):
    fields = {
        "purpose": "regular",
        "topic": "昨天的会",
        "starts_at": "2024-10-05T14:00",
        "ends_at": "2024-10-05T15:00",
        "method": "meeting",
        "keeper": cast.market_head.pk,
    }
    fields |= rows("participants", {"department_name": "供应商甲", "name": "王经理"})
    page = sign_in(cast.market_head).post(url("communication_schedule", running.pk), fields)
    assert page.status_code == 422
    assert page.context["form"].errors["ends_at"]
    assert "昨天的会" in page.content.decode()
    assert "王经理" in page.content.decode()


def test_a_stale_change_of_the_schedule_is_shown(running, cast, sign_in):
    start = (timezone.now() + dt.timedelta(days=2)).replace(second=0, microsecond=0)
    talk = scheduling.schedule_communication(
        task=running,
        by=cast.market_head,
        now=timezone.now(),
        topic="启动会",
        starts_at=start,
        ends_at=start,
    )
    browser = sign_in(cast.market_head)
    fields = {
        "version": talk.version,
        "topic": "启动会",
        "starts_at": timezone.localtime(start).strftime("%Y-%m-%dT%H:%M"),
        "ends_at": timezone.localtime(start).strftime("%Y-%m-%dT%H:%M"),
        "method": "meeting",
        "keeper": cast.market_head.pk,
    } | rows("participants")
    address = url("communication_edit", talk.pk)
    assert browser.post(address, fields | {"place": "一楼"}).status_code == 302
    stale = browser.post(address, fields | {"place": "二楼"})
    assert stale.status_code == 409
    assert "一楼" in stale.content.decode()
    assert 'value="二楼"' in stale.content.decode()
    talk.refresh_from_db()
    assert talk.place == "一楼"


# The log ----------------------------------------------------------------------------------------


def test_the_log_of_the_worked_example(scheduled, cast, sign_in):
    browser = sign_in(cast.market_head)
    assert (
        "产品功能上线时间确认"
        in browser.get(url("communication_complete", scheduled.pk)).content.decode()
    )
    fields = log_fields(
        scheduled,
        participants=[
            {"department_name": "市场部", "name": "经理D"},
            {"department_name": "", "name": "主管G"},
            {"department_name": "供应商甲", "name": "王经理"},
        ],
        items=[ITEM],
    )
    page = browser.post(url("communication_complete", scheduled.pk), fields, follow=True)
    text = page.content.decode()
    for said in ("销售部", "主管G", "供应商甲", "王经理", CONCLUSIONS, "提交推广文案初稿", "专员C"):
        assert said in text
    assert " late</span>" in text  # the example is of 2024
    scheduled.refresh_from_db()
    assert scheduled.late_by == scheduled.recorded_at - at("2024-10-06 15:00")
    assert ActionItem.objects.get().owner == cast.sales_staff


@pytest.mark.parametrize(
    "who", ["专员C、专员H", "销售部 专员C 专员H", "市场部", "没有这个人", "", "专员C,专员H"]
)
def test_an_action_item_of_two_people_or_nobody_is_impossible(scheduled, cast, sign_in, who):
    fields = log_fields(scheduled, items=[ITEM | {"owner": who}])
    page = sign_in(cast.market_head).post(url("communication_complete", scheduled.pk), fields)
    assert page.status_code == 422
    assert page.context["form"].rows["action_items"].forms[0].errors["owner"]
    assert "提交推广文案初稿" in page.content.decode()
    assert not ActionItem.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("topic", "题" * 201),
        ("topic", "a\x00b"),
        ("conclusions", "结" * 4001),
        ("conclusions", "   "),
        ("conclusions", "a\x00b"),
        ("ends_at", "2024-13-40T99:00"),
        ("ends_at", "2999-10-05T15:00"),
        ("ends_at", "2024-10-05T13:00"),
        ("version", "99999999999999999999"),
        ("participants-0-name", "名" * 101),
        ("participants-0-name", "a\x00b"),
        ("participants-0-id", "99999999999999999999"),
        ("participants-TOTAL_FORMS", "x"),
        ("action_items-0-what", "做" * 301),
        ("action_items-0-owner", "a\x00b"),
        ("action_items-0-due_date", "30. Februar"),
    ],
)
def test_wrong_input_is_told_and_what_was_typed_is_kept(scheduled, cast, sign_in, field, value):
    fields = log_fields(scheduled, items=[ITEM], place="二号楼四层会议室") | {field: value}
    page = sign_in(cast.market_head).post(url("communication_complete", scheduled.pk), fields)
    assert page.status_code == 422
    assert "二号楼四层会议室" in page.content.decode()
    scheduled.refresh_from_db()
    assert scheduled.state == CommunicationState.SCHEDULED
    assert Participant.objects.filter(communication=scheduled).count() == 3


def test_a_log_without_participants_says_so_above_the_rows(scheduled, cast, sign_in):
    fields = log_fields(scheduled) | rows("participants")
    page = sign_in(cast.market_head).post(url("communication_complete", scheduled.pk), fields)
    assert page.status_code == 422
    assert "Name the people who took part." in page.content.decode()


def test_of_two_open_forms_the_second_is_told_and_keeps_its_words(scheduled, cast, sign_in):
    browser = sign_in(cast.market_head)
    address = url("communication_complete", scheduled.pk)
    browser.post(address, log_fields(scheduled))
    second = browser.post(address, log_fields(scheduled, conclusions="另一份结论"))
    assert second.status_code == 422
    assert "另一份结论" in second.content.decode()
    assert "already moved on" in second.content.decode()
    assert Event.objects.filter(action="communication.logged").count() == 1


def test_running_text_is_pointed_out_and_not_refused(scheduled, cast, sign_in):
    browser = sign_in(cast.market_head)
    address = url("communication_complete", scheduled.pk)
    refused = browser.post(address, log_fields(scheduled, conclusions=RUNNING_TEXT, topic=""))
    assert "reads like running text" in refused.content.decode()
    page = browser.post(address, log_fields(scheduled, conclusions=RUNNING_TEXT), follow=True)
    assert "reads like running text" in page.content.decode()
    scheduled.refresh_from_db()
    assert scheduled.state == CommunicationState.LOGGED


def test_running_text_is_pointed_out_while_typing(cast, sign_in):
    browser = sign_in(cast.market_head)
    note = reverse("communications:conclusions_note")
    assert b"running text" in browser.post(note, {"conclusions": RUNNING_TEXT}).content
    assert browser.post(note, {"conclusions": CONCLUSIONS}).content == b""
    with_item = {"conclusions": RUNNING_TEXT, "action_items-0-what": "提交名单"}
    assert browser.post(note, with_item).content == b""


def test_a_correction_shows_old_and_new_words(logged, cast, sign_in):
    browser = sign_in(cast.market_head)
    fields = log_fields(logged, conclusions="研发部确认11月6日前完成测试", reason="日期写错")
    page = browser.post(url("communication_correct", logged.pk), fields, follow=True)
    text = page.content.decode()
    assert f"<del>{CONCLUSIONS}</del>" in text
    assert "日期写错" in text
    stale = browser.post(url("communication_correct", logged.pk), fields | {"topic": "别的主题"})
    assert stale.status_code == 409
    assert "别的主题" in stale.content.decode()


def test_forms_that_are_no_longer_open_lead_to_the_protocol(logged, cast, sign_in):
    browser = sign_in(cast.market_head)
    for name in ("communication_complete", "communication_edit"):
        assert browser.get(url(name, logged.pk))["Location"] == logged.get_absolute_url()


def test_a_talk_to_come_is_not_logged_yet(running, cast, sign_in):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    talk = scheduling.schedule_communication(
        task=running,
        by=cast.market_head,
        now=timezone.now(),
        topic="启动会",
        starts_at=tomorrow,
        ends_at=tomorrow,
    )
    browser = sign_in(cast.market_head)
    assert (
        url("communication_complete", talk.pk)
        not in browser.get(talk.get_absolute_url()).content.decode()
    )
    assert browser.get(url("communication_complete", talk.pk)).status_code == 302


# Action items -----------------------------------------------------------------------------------


def test_the_owner_ticks_it_off_from_the_protocol(item, cast, sign_in):
    browser = sign_in(cast.sales_staff)
    protocol = browser.get(item.communication.get_absolute_url()).content.decode()
    assert f'action="{url("action_item_done", item.pk)}"' in protocol
    browser.post(url("action_item_done", item.pk), {"result": "初稿已发"})
    item.refresh_from_db()
    assert (item.state, item.result) == ("done", "初稿已发")
    assert browser.post(url("action_item_done", item.pk), {}).status_code == 422
    protocol = item.communication.get_absolute_url()
    assert browser.get(url("action_item_done", item.pk))["Location"] == protocol


def test_others_see_it_without_a_button(item, cast, sign_in):
    protocol = sign_in(cast.sales_head).get(item.communication.get_absolute_url())
    assert "提交推广文案初稿" in protocol.content.decode()
    assert url("action_item_done", item.pk) not in protocol.content.decode()


def test_it_is_changed_with_a_reason(item, cast, sign_in):
    browser = sign_in(cast.market_head)
    address = url("action_item_edit", item.pk)
    assert 'value="销售部 专员C"' in browser.get(address).content.decode()
    fields = {
        "version": item.version,
        "what": "提交推广文案终稿",
        "owner": "市场部 专员H",
        "due_date": "2024-11-04",
        "reason": "换人",
    }
    assert browser.post(address, fields | {"reason": ""}).status_code == 422
    assert browser.post(address, fields).status_code == 302
    item.refresh_from_db()
    assert (item.owner, item.due_date) == (cast.market_staff, dt.date(2024, 11, 4))
    assert browser.post(address, fields | {"what": "别的"}).status_code == 409


# The list ---------------------------------------------------------------------------------------


@pytest.fixture
def several(scheduled, stub, complete, running, cast):
    """One logged late, one stub that is overdue, one still to come, one cancelled."""
    complete(scheduled, now=at("2024-10-06 18:20"))
    tomorrow = timezone.now() + dt.timedelta(days=1)
    common = {
        "task": running,
        "by": cast.market_head,
        "now": timezone.now(),
        "starts_at": tomorrow,
        "ends_at": tomorrow,
    }
    scheduling.schedule_communication(topic="启动会", purpose="kickoff", **common)
    gone = scheduling.schedule_communication(topic="取消的会", **common)
    scheduling.cancel_communication(
        communication=gone, by=cast.market_head, now=timezone.now(), reason="合并"
    )
    return running


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ("", {"产品功能上线时间确认", "Unscheduled talk", "启动会", "取消的会"}),
        ("q=推广文案", {"产品功能上线时间确认"}),
        ("q=专员H", {"Unscheduled talk"}),
        ("purpose=kickoff", {"启动会"}),
        ("log=scheduled", {"启动会"}),
        ("log=open", {"Unscheduled talk"}),
        ("log=logged", {"产品功能上线时间确认"}),
        ("log=late", {"产品功能上线时间确认", "Unscheduled talk"}),
        ("since=2024-10-05&until=2024-10-05", {"产品功能上线时间确认"}),
        ("since=2024-10-06&until=2024-10-18", {"Unscheduled talk"}),
        ("q=没有", set()),
        ("q=a%00b&log=x&since=2024-99-99&page=99999999999999999999", None),
    ],
)
def test_the_list_is_narrowed(several, cast, sign_in, query, topics):
    page = sign_in(cast.market_head).get(url("communication_list", several.pk) + "?" + query)
    assert page.status_code == 200
    if topics is not None:
        assert {talk.topic for talk in page.context["page"]} == topics


def test_the_late_mark_says_by_how_much(several, cast, sign_in):
    page = sign_in(cast.market_head).get(url("communication_list", several.pk) + "?log=logged")
    assert "3 h 20 min late" in page.content.decode()


def test_older_talks_are_on_further_pages(running, cast, sign_in):
    _held(running, cast, 31)
    browser = sign_in(cast.market_head)
    first = browser.get(url("communication_list", running.pk))
    second = browser.get(url("communication_list", running.pk) + "?page=2")
    assert (len(first.context["page"]), len(second.context["page"])) == (30, 1)
    assert "?page=2" in first.content.decode()


def _held(task, cast, count):
    """Logs of `count` talks with two participants and two action items each."""
    from communications.services.logs import complete_log

    for day in range(count):
        now = at("2024-10-01 10:00") + dt.timedelta(hours=day)
        talk = scheduling.we_talked(task=task, by=cast.sales_staff, now=now)
        complete_log(
            communication=talk,
            by=cast.market_head,
            now=now,
            conclusions=CONCLUSIONS,
            participants=people(("市场部", "经理D"), ("销售部", "主管G")),
            action_items=[
                {"owner": owner, "what": "提交文案", "due_date": dt.date(2024, 11, 2)}
                for owner in (cast.sales_staff, cast.market_staff)
            ],
        )


def _statements(browser, address):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


def test_the_list_costs_the_same_at_3_and_30_rows(running, cast, sign_in):
    """Organisation, session, person, main department; standing (3); task, its departments;
    count, page, participants, action items; stage bar."""
    browser = sign_in(cast.market_head)
    address = url("communication_list", running.pk)
    _held(running, cast, 3)
    few = _statements(browser, address)
    _held(running, cast, 27)
    assert _statements(browser, address) == few <= 20


def test_the_protocol_costs_the_same_at_3_and_30_participants_and_items(
    scheduled, complete, cast, sign_in
):
    """As the list, with the talk, its action items, participants and history."""
    browser = sign_in(cast.market_head)
    items = [
        {"owner": cast.sales_staff, "what": f"事项{n}", "due_date": dt.date(2024, 11, 2)}
        for n in range(30)
    ]
    many = people(*(("供应商甲", f"员工{n}") for n in range(30)))
    complete(scheduled, participants=many[:3], action_items=items[:3])
    few = _statements(browser, scheduled.get_absolute_url())
    Participant.objects.filter(communication=scheduled).delete()
    Communication.objects.filter(pk=scheduled.pk).update(state="to_log")
    scheduled.refresh_from_db()
    complete(scheduled, participants=many, action_items=items)
    assert _statements(browser, scheduled.get_absolute_url()) == few <= 20
