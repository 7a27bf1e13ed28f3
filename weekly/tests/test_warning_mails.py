"""An early warning by mail: what, since when, the figures, and what is to be done (R18)."""

import pytest

from conftest import at
from deadlines.mails import compose
from deadlines.models import Message
from tasks.services import support
from weekly.services.warnings import watch_all


@pytest.fixture
def mail(cast):
    """`mail(person, rule, now)`: the mail that tells 主管G, who reads English, of a warning."""
    cast.sales_head.language = "en"
    cast.sales_head.save()

    def _mail(rule, now, person=cast.sales_head):
        told = Message.objects.filter(
            recipient=person, notices__event__action=f"warning.{rule}"
        ).latest("pk")
        return compose(told, at(f"2024-{now}"))

    return _mail


def one_line(text):
    return " ".join(text.split())


def test_behind_the_plan(mail, report):
    report("渠道铺设", 40, "10-10 17:00", cause="waiting", reason="海报晚到")
    found = mail("lag", "10-10 17:00")
    assert found.subject.startswith("The system warns: 渠道铺设 is behind its plan · 2024-市场-001")
    text = one_line(found.text)
    for words in ("planned by then: 87%", "actual: 40%", "10 Oct 2024, 17:00",
                  "Say what it needs, and from whom: http"):  # fmt: skip
        assert words in text
    assert ">Say what it needs, and from whom</a>" in found.html


def test_past_the_due_date_and_silent_in_one_mail_of_the_night(running, mail):
    """What one run finds for a person is one mail, each with its own next step."""
    watch_all(at("2024-10-16 00:00"))
    found = mail("overdue", "10-16 00:00")
    text = one_line(found.text)
    assert "The system warns: 渠道铺设 is past its due date" in text
    assert "due: 15 Oct 2024" in text
    assert "nothing reported since: 1 Oct 2024" in text
    assert "Finish it, or agree on another date: http" in text
    assert "Report the week: http" in text
    assert found.unsubscribe_url == ""


def test_a_broken_promise_says_whose_and_of_when(running, mail, cast):
    subtask = running.subtasks.get(name="渠道铺设")
    now = at("2024-10-02 09:00")
    request = support.ask_support(
        subtask=subtask, department=cast.market, what="宣传海报设计稿",
        needed_by=at("2024-10-08 00:00").date(), by=cast.sales_head, now=now,
    )  # fmt: skip
    support.answer_support(request=request, answer="accepted", by=cast.market_head, now=now)
    watch_all(at("2024-10-09 00:00"))
    text = one_line(mail("promise", "10-09 00:00").text)
    for words in ("support promised to 渠道铺设 is missing", "promised by: 市场部",
                  "support: 宣传海报设计稿", "promised for: 8 Oct 2024"):  # fmt: skip
        assert words in text


def test_whoever_wants_no_mails_about_changes_is_warned_all_the_same(report, mail, cast):
    type(cast.sales_head).objects.update(mail_changes=False)
    report("渠道铺设", 40, "10-10 17:00", cause="waiting", reason="海报晚到")
    assert "behind its plan" in mail("lag", "10-10 17:00").subject


def test_a_warning_in_chinese_has_chinese_dates(running, mail, cast):
    watch_all(at("2024-10-16 00:00"))
    text = mail("overdue", "10-16 00:00", cast.market_head).text
    assert "2024年10月15日" in text
