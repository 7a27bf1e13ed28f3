"""What a mail says: what, for which task, by when, why to you, and where to act."""

import re
import tracemalloc

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Absence, Organisation
from accounts.unsubscribe import unsubscribe_url
from audit import history
from conftest import at
from deadlines.delivery import DeliveryResult, deliver
from deadlines.mails import compose
from deadlines.models import Deadline, Message, Reminder
from deadlines.services import tell
from deadlines.sweep import sweep
from deadlines.templatetags.plain_text import columns
from deadlines.tests.conftest import DAY, DUE, HOUR


@pytest.fixture
def written(owe, cast):
    """`written(reader, now)` is the mail a sweep at that moment gives to a person."""

    def _written(reader, now, **duty):
        owe(**duty)
        sweep(now)
        message = Message.objects.filter(recipient=reader).latest("pk")
        return compose(message, now)

    return _written


def mails_to(person):
    return [sent for sent in mail.outbox if sent.to == [person.email]]


def in_language(person, language):
    person.language = language
    person.save()
    return person


@pytest.mark.parametrize(
    ("language", "date"),
    [("zh-hans", "2024年10月15日 18:00"), ("en", "15 Oct 2024, 18:00")],
)
def test_subject_text_and_html_are_in_the_readers_language(written, cast, language, date):
    """Whatever the language of whoever caused it."""
    reader = in_language(cast.sales_staff, language)
    with translation.override("en"):
        found = written(reader, DUE)
    assert date in found.subject
    assert date in found.text
    assert date in found.html
    assert f'<html lang="{language}">' in found.html
    assert found.language == language


def test_without_a_choice_the_mail_is_in_the_organisations_language(written, cast):
    Organisation.objects.update(language="en")
    assert "15 Oct 2024" in written(cast.sales_staff, DUE).subject


def test_times_are_the_organisations(written, cast):
    Organisation.objects.update(time_zone="America/New_York", language="en")
    found = written(cast.sales_staff, DUE)
    assert "15 Oct 2024, 06:00" in found.subject
    assert "America/New_York" in found.text


def test_the_owner_reads_what_is_left_and_where_to_act(written, cast, settings):
    settings.SITE_URL = "https://tasks.example.com"
    text = written(in_language(cast.sales_staff, "en"), DUE - 5 * HOUR).text
    assert "Hand over the poster: 宣传海报" in text
    assert re.search(r"5\shours left", text)
    assert "You are the responsible person." in text
    assert "https://tasks.example.com/poster/" in text


def test_the_head_reads_who_owes_it_and_how_late_it_is(written, cast):
    found = written(in_language(cast.sales_head, "en"), DUE + DAY)
    assert found.subject == (
        "Late, was due 15 Oct 2024, 18:00: 专员C · Hand over the poster · 宣传海报"
    )
    assert re.search(r"1\sday late", found.text)
    assert "You head 销售部; 专员C is responsible." in found.text


def test_several_duties_are_one_mail_most_urgent_first(owe, cast):
    in_language(cast.sales_staff, "en")
    for what, due_at in (("后", DUE + 2 * HOUR), ("先", DUE), ("中", DUE + HOUR)):
        owe(what=what, due_at=due_at)
    sweep(DUE + 2 * HOUR)
    deliver(clock=lambda: DUE + 2 * HOUR)
    [sent] = mails_to(cast.sales_staff)
    assert sent.subject.endswith("先 and 2 more")
    html = sent.alternatives[0][0]
    for body in (sent.body, html[html.index("<body") :]):
        assert body.index("先") < body.index("中") < body.index("后")


def test_a_duty_says_how_its_moment_was_computed(written, cast):
    found = written(in_language(cast.sales_staff, "en"), DUE)
    for body in (found.text, found.html):
        assert "24 hours after 14 Oct 2024, 18:00" in body


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("owner", "You are the responsible person."),
        ("contact", "You act for 销售部 as its contact; 专员C is responsible."),
        ("head", "You head 销售部; 专员C is responsible."),
        ("senior", "You are the senior manager above 销售部; 专员C is responsible."),
    ],
)
def test_everybody_reads_why_it_comes_to_them(written, cast, role, words):
    reader = in_language(cast.sales_staff, "en")
    written(reader, DUE)
    Reminder.objects.update(role=role)
    found = compose(Message.objects.get(), DUE)
    assert words in found.text
    assert words in found.html


def test_a_stand_in_reads_for_whom_until_when_and_whose_the_duty_is(written, cast):
    """The mail leaves two days later, after quiet hours: it still says until when."""
    Absence.objects.create(
        person=cast.sales_staff,
        stand_in=cast.market_staff,
        starts_on=DUE.date(),
        ends_on=DUE.date() + DAY,
    )
    reader = in_language(cast.market_staff, "en")
    found = written(reader, DUE)
    words = "专员C is absent until 16 Oct 2024; you stand in. The duty stays with 专员C."
    assert words in found.text
    later = compose(Message.objects.get(recipient=reader), DUE + 2 * DAY)
    assert words in later.html
    Absence.objects.all().delete()
    changed = compose(Message.objects.get(recipient=reader), DUE)
    assert "You stand in for 专员C. The duty stays with 专员C." in changed.text


def test_a_mail_shows_fifty_duties_and_where_the_rest_stands(owe, cast, settings):
    settings.SITE_URL = "https://tasks.example.com"
    reader = in_language(cast.sales_staff, "en")
    for minute in range(53):
        owe(reader, due_at=DUE + minute * HOUR / 60, what=f"第{minute}项")
    sweep(DUE + HOUR)
    message = Message.objects.get(recipient=reader)
    found = compose(message, DUE + HOUR)
    assert found.subject.endswith("第0项 and 52 more")
    for body in (found.text, found.html):
        assert "第49项" in body
        assert "第50项" not in body
        assert "And 3 more, which stand under the bell." in body
        assert f"https://tasks.example.com/notifications/{message.pk}/" in body


def test_a_mail_costs_the_same_however_much_it_has_to_say(owe, cast):
    """Ten thousand reminders in one message: the same statements, and a few dozen rows."""
    deadline = owe()
    sweep(DUE)
    message = Message.objects.get()
    with CaptureQueriesContext(connection) as few:
        compose(fresh(message), DUE)
    rows = [clone(deadline, number) for number in range(10_000)]
    Deadline.objects.bulk_create(rows, batch_size=500)
    Reminder.objects.bulk_create(
        [
            Reminder(
                deadline=row,
                step="0m",
                moment=DUE,
                recipient=cast.sales_staff,
                message=message,
                created_at=DUE,
            )
            for row in rows
        ],
        batch_size=500,
    )
    tracemalloc.start()
    with CaptureQueriesContext(connection) as many:
        found = compose(fresh(message), DUE)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.subject.endswith("（另有 10000 项）")
    # One more: how many there are beyond the fifty.
    assert len(few) + 1 == len(many) <= 12
    assert peak < 10_000_000


def fresh(message):
    return Message.objects.select_related("recipient").get(pk=message.pk)


def clone(deadline, number):
    values = {f.attname: getattr(deadline, f.attname) for f in Deadline._meta.concrete_fields}
    return Deadline(**values | {"id": None, "subject_id": 1_000_000 + number})


def test_of_several_steps_that_a_mail_tells_the_last_is_said(written, cast, owe):
    """The sweep stood still from the reminder of the day before until after the due moment."""
    deadline = owe(in_language(cast.sales_head, "en"), opened_at=DUE - 2 * DAY)
    sweep(DUE + 2 * HOUR)
    message = Message.objects.get(recipient=cast.sales_head)
    assert deadline.reminders.filter(message=message).count() > 1
    assert compose(message, DUE + 2 * HOUR).text.count("宣传海报") == 1


def test_a_change_is_told_in_words_with_old_and_new_value_and_reason(running, cast):
    """R12."""
    in_language(cast.sales_head, "en")
    event = history.record(
        running,
        "task.revised",
        by=cast.market_head,
        now=DUE,
        changes={"goal": ("销售额400万元", "销售额500万元")},
        reason="董事会决定",
    )
    tell(event=event, people=[cast.sales_head], link="/tasks/1/", now=DUE, task=running)
    deliver(clock=lambda: DUE)
    sent = mails_to(cast.sales_head)[-1]
    assert sent.subject == f"经理D revised the requirement of {running}"
    for body in (sent.body, sent.alternatives[0][0]):
        assert "销售额400万元" in body
        assert "销售额500万元" in body
        assert "董事会决定" in body
        assert "/tasks/1/" in body
        assert str(running) in body


def test_what_one_act_tells_a_person_is_one_mail(running, cast):
    now = at("2024-10-02 09:00")
    for subtask in running.subtasks.all()[:2]:
        event = history.record(subtask, "subtask.edited", by=cast.market_head, now=now)
        for _twice in range(2):
            tell(event=event, people=[cast.sales_head, None], link="/", now=now, task=running)
    message = Message.objects.get(created_at=now)
    assert message.notices.count() == 2


@pytest.fixture
def change(running, cast):
    """`change()` tells 主管G that a subtask was changed, and gives the message."""
    Message.objects.update(state=Message.State.CANCELLED, next_attempt_at=None)

    def _change(now=DUE):
        subtask = running.subtasks.get(name="市场调研")
        event = history.record(subtask, "subtask.edited", by=cast.market_head, now=now)
        tell(event=event, people=[cast.sales_head], link="/tasks/1/", now=now, task=running)
        return Message.objects.get(created_at=now)

    return _change


def test_the_subject_of_a_change_names_the_task(change, running, cast):
    in_language(cast.sales_head, "en")
    assert compose(change(), DUE).subject == f"经理D changed 市场调研 · {running}"


def test_ones_part_in_the_task_is_told_in_the_readers_language(change, cast):
    """Whatever language the one who sends it speaks."""
    in_language(cast.sales_head, "zh-hans")
    with translation.override("en"):
        found = compose(change(), DUE)
    assert "您是销售部负责人，该部门参与本任务。" in found.html


def test_mails_about_changes_can_be_switched_off_from_the_mail(change, cast):
    """By the mail program's own button (RFC 8058) and by a link; the mail says so."""
    in_language(cast.sales_head, "en")
    change()
    deliver(clock=lambda: DUE)
    [sent] = mail.outbox
    url = unsubscribe_url(cast.sales_head)
    headers = sent.message()
    assert headers["List-Unsubscribe"] == f"<{url}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"Stop mails about changes:\n{url}" in sent.body
    assert f'href="{url}"' in sent.alternatives[0][0]


def test_mails_with_duties_cannot_be_switched_off_and_say_why(change, owe, cast):
    in_language(cast.sales_head, "en")
    owe(cast.sales_head)
    change()
    sweep(DUE)
    deliver(clock=lambda: DUE)
    [sent] = mails_to(cast.sales_head)
    assert "市场调研" in sent.body
    assert "cannot be switched off" in sent.body
    assert "List-Unsubscribe" not in sent.message()
    assert unsubscribe_url(cast.sales_head) not in sent.body + sent.alternatives[0][0]


def test_who_wants_no_mail_about_changes_gets_none(change, cast):
    cast.sales_head.mail_changes = False
    cast.sales_head.save()
    message = change()
    assert deliver(clock=lambda: DUE) == DeliveryResult(cancelled=1)
    message.refresh_from_db()
    assert (message.state, message.last_error) == (Message.State.CANCELLED, "switched_off")


def test_who_wants_no_mail_about_changes_is_mailed_duties_without_them(change, owe, cast):
    cast.sales_head.mail_changes = False
    cast.sales_head.save()
    owe(cast.sales_head)
    change()
    sweep(DUE)
    deliver(clock=lambda: DUE)
    [sent] = mails_to(cast.sales_head)
    assert "宣传海报" in sent.body
    assert "市场调研" not in sent.body


def test_the_text_reads_well_in_a_plain_text_window(running, cast):
    """Short lines, addresses whole, one blank line between things and none within them."""
    long = "新品提前上市，渠道铺设的目标相应提高，各部门请按新的目标安排人手与物料。" * 3
    event = history.record(
        running,
        "task.revised",
        by=cast.market_head,
        now=DUE,
        changes={"goal": ("销售额400万元", long)},
        reason=long,
    )
    link = "/tasks/1/?" + "long" * 30
    tell(event=event, people=[cast.sales_head], link=link, now=DUE, task=running)
    text = compose(Message.objects.get(created_at=DUE), DUE).text
    assert "\n\n\n" not in text
    assert any(line.endswith(link) for line in text.splitlines())
    for line in text.splitlines():
        assert columns(line) <= 76 or line.startswith("http")
        assert not line.startswith(("，", "。"))
    assert long in text.replace("\n", "")


def test_words_that_people_typed_cannot_forge_a_mail(written, cast):
    """Neither markup in the HTML nor a header in the subject; the text says it as typed."""
    what = "<img src=x>&\r\nBcc: all@example.com"
    found = written(cast.sales_staff, DUE, what=what)
    assert "<img" not in found.html
    assert "&lt;img src=x&gt;&amp;" in found.html
    assert "\n" not in found.subject
    assert "\r" not in found.subject
    assert "<img src=x>&" in found.text


def test_the_html_stands_alone(written, cast):
    """Nothing is fetched when it is read, and it fits a narrow column."""
    html = written(cast.sales_staff, DUE).html
    assert "max-width:600px" in html
    assert not re.search(r"<(img|script|link|iframe)\b|url\(|@import", html)
    assert html.count("href=") == 1
