"""Monday noon on a company: the whole report stands in the mail of each head (R17)."""

import datetime as dt
from collections import defaultdict

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit import history
from conftest import at, released, requirement
from deadlines.delivery import deliver
from deadlines.mails import compose
from deadlines.models import Message
from deadlines.services import tell
from deadlines.tests.mail_server import running_mail_server
from deadlines.told import Withdrawn
from tasks.models import TaskMember
from tasks.services import assignment, drafting, initiation
from weekly.models import WeeklyReport, WeeklySync
from weekly.services.issuing import issue_due
from weekly.services.weeks import open_weeks

THIRD = dt.date(2024, 10, 14)
NOON = at("2024-10-21 12:00")
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def english(cast):
    """经理B reads English; everybody else what the organisation speaks: Chinese."""
    cast.research_head.language = "en"
    cast.research_head.save()
    return cast.research_head


def task_of(department, others, title):
    """A task at work: each department has taken on a work item, its head responsible."""
    head, now = department.head, at("2024-09-24 09:00")
    fields, rows = requirement(title=title)
    task = drafting.create_draft(department=department, by=head, now=now, title=fields.pop("title"))
    task = drafting.save_draft(
        task=task, by=head, now=now, version=task.version, fields=fields, rows=rows,
        departments=others,
    )  # fmt: skip
    task = initiation.submit_task(task=task, by=head, now=now)
    for seat in task.collaborations.all():
        initiation.answer_consultation(
            collaboration=seat, answer="accepted", comment="", by=seat.department.head, now=now
        )
    task = initiation.open_assignment(task=task, by=head, now=now)
    takers = [department, *others, department]
    for item, taker in zip(task.work_items.all(), takers, strict=False):
        assignment.take_on_work_item(
            work_item=item, department=taker, by=taker.head, now=now, owner=taker.head,
            name=f"{title} {item.name}", goal="覆盖20家核心门店，活动期间销量提升30%",
            start_date=dt.date(2024, 10, 1), due_date=dt.date(2024, 10, 31),
        )  # fmt: skip
    return assignment.confirm_assignment(task=task, by=head, now=now)


def only_the_third_week():
    """What came before is out."""
    open_weeks(at("2024-10-14 00:00"))
    WeeklySync.objects.filter(week__lt=THIRD).update(issue_at=None)


def letters_to(person):
    return list(Message.objects.filter(recipient=person, stands_alone=True).order_by("pk"))


def bodies(mail):
    return mail.text, mail.html[mail.html.index("<body") :]


def one_line(text):
    """As it reads, wherever a line was broken to fit its window."""
    return " ".join(text.split())


def test_the_monday_noon_run_on_a_company(running, report, cast, english):
    """Three tasks of four departments: each head gets one mail of each of their tasks, at noon,
    over a real mail server."""
    task_of(cast.sales, [cast.service], "门店改造项目")
    task_of(cast.research, [cast.market, cast.service], "产品质量提升项目")
    only_the_third_week()
    report("渠道铺设", 60, cause="waiting", reason="海报晚到", next_steps="补齐三家门店")
    deliver(clock=lambda: NOON - MINUTE)
    assert issue_due(NOON - dt.timedelta(seconds=1)) == 0
    assert issue_due(NOON) == 3
    with running_mail_server() as server:
        sent = deliver(clock=lambda: NOON, connection=server.connection())
    got = defaultdict(set)
    for mail in server.taken:
        [number] = {n for n in NUMBERS if n in mail["Subject"]}
        got[mail["To"]].add(number)
    market, sales, research = NUMBERS
    assert sent.sent == len(server.taken) == 8
    assert got == {
        "经理D@example.com": {market, research},
        "主管G@example.com": {market, sales},
        "经理B@example.com": {market, research},
        "主管E@example.com": {sales, research},
    }
    letters = Message.objects.filter(stands_alone=True)
    assert set(letters.values_list("sent_at", "state")) == {(NOON, "sent")}
    assert {mail["Content-Language"] for mail in server.taken} == {"zh-hans", "en"}
    [chinese] = [mail for mail in server.taken if is_to(mail, "主管G", market)]
    [in_english] = [mail for mail in server.taken if is_to(mail, "经理B", market)]
    for part in ("plain", "html"):
        text = one_line(in_english.get_body((part,)).get_content())
        for words in ("14–20 Oct", "Needs attention", "60%", "40% behind", "海报晚到",
                      "Waiting for another department", "补齐三家门店", "Did not report",
                      "never reported", "issued at noon", "21 Oct 2024, 12:00", "v1",
                      "more than 5 percent points"):  # fmt: skip
            assert words in text, words
        text = one_line(chinese.get_body((part,)).get_content())
        for words in ("Q4新品上市推广项目", "2024年10月21日 12:00", "滞后 40%", "海报晚到", "60%",
                      "产品培训", "研发部 工程师F", "10月15日", "补齐三家门店"):  # fmt: skip
            assert words in text, words


NUMBERS = ("2024-市场-001", "2024-销售-001", "2024-研发-001")


def is_to(mail, name, number):
    return mail["To"] == f"{name}@example.com" and number in mail["Subject"]


def test_who_did_not_report_is_named_and_never_zero_percent(running, report, english):
    only_the_third_week()
    report("渠道铺设", 98)
    issue_due(NOON)
    for body in bodies(compose(letters_to(english)[0], NOON)):
        text = one_line(body)
        assert "Did not report" in text
        assert text.count("never reported") >= 2
        assert "Actual: 0%" not in text
        assert ">0%<" not in text


def test_a_late_report_makes_a_second_mail_that_begins_with_old_and_new(
    running, report, cast, english
):
    only_the_third_week()
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    issue_due(NOON)
    deliver(clock=lambda: NOON)
    report("市场调研", 96, "10-21 14:20", week=THIRD)
    report("渠道铺设", 70, "10-21 14:25", week=THIRD, cause="waiting", reason="补报两家门店",
           version=1, correction="漏报两家")  # fmt: skip
    later = at("2024-10-21 15:00")
    assert issue_due(later) == 1
    _first, second = letters_to(english)
    mail = compose(second, later)
    assert mail.subject.endswith("v2 (after late input)")
    text = one_line(mail.text)
    assert "Actual: not reported → 96%" in text
    assert "Actual: 60% → 70%" in text
    assert "海报晚到 → Waiting for another department · 补报两家门店" in text
    assert text.index("60% → 70%") < text.index("Needs attention")
    html = bodies(mail)[1]
    assert ">60%</s> → <b>70%</b>" in html
    assert html.index("→ <b>70%</b>") < html.index("Needs attention")


def test_a_correction_says_why_and_what_was_said_before(running, send, english):
    send("10-14", "10-21 10:00")
    send("10-14", "10-21 15:00", seen=1, reason="销售额数字有误", summary="渠道晚两天")
    mail = compose(letters_to(english)[-1], at("2024-10-21 15:00"))
    assert mail.subject.endswith("v2 (corrected)")
    assert all("销售额数字有误" in body for body in bodies(mail))
    assert "渠道按计划推进 → 渠道晚两天" in one_line(mail.text)
    assert "渠道按计划推进</s> → <b>渠道晚两天</b>" in mail.html


def test_the_readers_own_department_is_marked_among_the_needs(running, send, cast, english):
    send("10-14", "10-21 10:00")
    cast.sales_head.language = "en"
    cast.sales_head.save()
    own, other = (
        one_line(compose(letters_to(person)[0], NOON).text) for person in (cast.sales_head, english)
    )
    assert "销售部 · your department · 增加人手" in own
    assert "your department" not in other
    assert "销售部: 增加人手" in other


def test_the_initiator_reads_that_the_week_was_not_sent_and_what_still_can_be_done(
    running, report, cast, english
):
    cast.market_head.language = "en"
    cast.market_head.save()
    only_the_third_week()
    issue_due(NOON)
    own = compose(letters_to(cast.market_head)[0], NOON)
    for body in bodies(own):
        assert "has not sent this week" in one_line(body)
        assert "counts as late" in one_line(body)
        assert f"/tasks/{running.pk}/weeks/send/?week=2024-10-14" in body
    assert "weeks/send/" not in compose(letters_to(english)[0], NOON).text


def test_i_have_read_it_leads_to_the_page_of_this_version(running, cast, sign_in, english):
    only_the_third_week()
    issue_due(NOON)
    mail = compose(letters_to(english)[0], NOON)
    address = WeeklyReport.objects.get().get_absolute_url()
    for body in bodies(mail):
        assert "I have read it" in body
        assert address in body.replace("&amp;", "&")
    assert sign_in(english).get(address).status_code == 200


def test_a_report_held_back_until_a_newer_one_is_withdrawn(running, report, english, cast):
    """The newer one says all of it, and what it puts right."""
    only_the_third_week()
    issue_due(NOON)
    report("市场调研", 96, "10-21 14:20", week=THIRD)
    later = at("2024-10-21 15:00")
    issue_due(later)
    first, second = letters_to(english)
    with pytest.raises(Withdrawn, match=Message.Withdrawn.SUPERSEDED):
        compose(first, later)
    assert "v2" in compose(second, later).subject


def test_a_held_back_report_whose_newer_one_never_arrives_says_there_is_one(
    running, report, english
):
    only_the_third_week()
    issue_due(NOON)
    report("市场调研", 96, "10-21 14:20", week=THIRD)
    later = at("2024-10-21 15:00")
    issue_due(later)
    first, second = letters_to(english)
    Message.objects.filter(pk=second.pk).update(state="failed", next_attempt_at=None)
    text = one_line(compose(first, later).text)
    assert "A newer version, v2, was issued on 21 Oct 2024, 15:00." in text


@pytest.mark.out_of_step
def test_a_head_whose_department_left_before_the_mail_did_gets_nothing(running, cast):
    """R29"""
    only_the_third_week()
    issue_due(NOON)
    running.subtasks.filter(department=cast.sales).delete()
    running.collaborations.filter(department=cast.sales).delete()
    TaskMember.objects.filter(task=running, user=cast.sales_head).delete()
    [mail] = letters_to(cast.sales_head)
    with pytest.raises(Withdrawn, match=Message.Withdrawn.NOT_VISIBLE):
        compose(mail, NOON)


def test_switching_mails_off_stops_neither_reports_nor_warnings(running, cast, english):
    type(english).objects.update(mail_changes=False)
    only_the_third_week()
    issue_due(NOON)
    mail = compose(letters_to(english)[0], NOON)
    assert mail.unsubscribe_url == ""
    assert "cannot be switched off" in one_line(mail.text)


def test_a_report_joins_no_other_mail_and_none_joins_it(running, cast):
    """Not even in quiet hours, when everything waits for the morning."""
    type(cast.sales_head).objects.update(quiet_from=dt.time(11), quiet_until=dt.time(18))
    only_the_third_week()
    event = history.record(running, "task.revised", by=cast.market_head, now=NOON)
    told = {"event": event, "people": [cast.sales_head], "link": "/", "task": running}
    tell(**told, now=NOON - MINUTE)
    issue_due(NOON)
    other = history.record(running, "task.revised", by=cast.market_head, now=NOON)
    tell(**told | {"event": other}, now=NOON + MINUTE)
    [letter] = letters_to(cast.sales_head)
    assert letter.notices.get().event.action == "weekly_sync.noon"
    beside = Message.objects.filter(
        recipient=cast.sales_head, stands_alone=False, created_at__gte=NOON - MINUTE
    )
    assert {notice.event_id for mail in beside for notice in mail.notices.all()} == {
        event.pk, other.pk
    }  # fmt: skip


def test_words_that_look_like_html_stand_as_they_were_typed(running, report, english):
    only_the_third_week()
    report("渠道铺设", 60, cause="other", reason="<b>海报</b> & 物料")
    issue_due(NOON)
    mail = compose(letters_to(english)[0], NOON)
    assert "<b>海报</b> & 物料" in mail.text
    assert "&lt;b&gt;海报&lt;/b&gt; &amp; 物料" in mail.html


def test_a_letter_costs_the_same_however_much_it_says(running, report, cast, english):
    only_the_third_week()
    issue_due(NOON)
    few = statements_of_letter(english)
    version = WeeklyReport.objects.get()
    rows = version.content["rows"] * 10
    with released(WeeklyReport):
        WeeklyReport.objects.filter(pk=version.pk).update(content=version.content | {"rows": rows})
    assert few == statements_of_letter(english) <= 20


def statements_of_letter(person):
    [letter] = letters_to(person)
    with CaptureQueriesContext(connection) as asked:
        compose(letter, NOON)
    return len(asked)
