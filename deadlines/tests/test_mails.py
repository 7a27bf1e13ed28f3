"""What a mail says: what, for which task, by when, why to you, and where to act."""

import re

import pytest
from django.core import mail
from django.utils import translation

from accounts.models import Organisation
from audit import history
from conftest import at
from deadlines.delivery import compose, deliver
from deadlines.models import Message
from deadlines.services import tell
from deadlines.sweep import sweep
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
    assert "Hand over the poster · 宣传海报" in text
    assert re.search(r"5\shours left", text)
    assert "You are the responsible person." in text
    assert "https://tasks.example.com/poster/" in text


def test_the_head_reads_who_owes_it_and_how_late_it_is(written, cast):
    found = written(in_language(cast.sales_head, "en"), DUE + DAY)
    assert found.subject == (
        "Late, was due 15 Oct 2024, 18:00: 专员C · Hand over the poster · 宣传海报"
    )
    assert re.search(r"1\sday late", found.text)
    assert "专员C is responsible; you are told as the next in line." in found.text


def test_several_duties_are_one_mail_most_urgent_first(owe, cast):
    in_language(cast.sales_staff, "en")
    for what, due_at in (("后", DUE + 2 * HOUR), ("先", DUE), ("中", DUE + HOUR)):
        owe(what=what, due_at=due_at)
    sweep(DUE + 2 * HOUR)
    deliver(clock=lambda: DUE + 2 * HOUR)
    sent = next(m for m in mail.outbox if m.to == [cast.sales_staff.email])
    assert sent.subject.endswith("先 and 2 more")
    html = sent.alternatives[0][0]
    for body in (sent.body, html[html.index("<body") :]):
        assert body.index("先") < body.index("中") < body.index("后")


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
    sent = [m for m in mail.outbox if m.to == [cast.sales_head.email]][-1]
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
