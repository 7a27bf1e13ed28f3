"""The page on which a week is rolled up: what stands there already, what is refused (R17)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import at
from tasks.models import Task
from tasks.policies import WEEK
from tasks.services import assignment, support
from weekly.models import WeeklyReport, WeeklySync
from weekly.weeks import may_be_sent_from

MONDAY = dt.date(2024, 10, 14)


@pytest.fixture
def open_form(running, sign_in):
    """`open_form(person)`: the form for the week from 14 October, as that person sees it."""

    def _open(person, week=MONDAY):
        return sign_in(person).get(address(running), {"week": week.isoformat()})

    return _open


def address(task):
    return reverse("weekly:send", args=[task.pk])


def lines(response):
    return [form.initial for form in response.context["needs"].initial_forms]


def filled(task, cast, seen=0, **more):
    """What a person sends who fills everything in."""
    rows = task.subtasks.live().order_by("pk")
    data = {
        "week": MONDAY.isoformat(),
        "seen": seen,
        "summary": "按计划推进",
        "needs-TOTAL_FORMS": len(rows),
        "needs-INITIAL_FORMS": 0,
    }
    for n, subtask in enumerate(rows):
        values = {"subtask": subtask.pk, "what": "增加人手", "department": cast.sales.pk}
        data |= {f"needs-{n}-{name}": value for name, value in values.items()}
    return data | more


@pytest.fixture
def poster(running, cast):
    """渠道铺设 waits for the poster that 市场部 has promised for 17 October."""
    request = support.ask_support(
        subtask=running.subtasks.get(name="渠道铺设"),
        department=cast.market,
        what="宣传海报设计稿",
        needed_by=dt.date(2024, 10, 17),
        by=cast.sales_head,
        now=at("2024-10-02 09:00"),
    )
    return support.answer_support(
        request=request, by=cast.market_head, now=at("2024-10-02 10:00"), answer="accepted"
    )


def test_every_lagging_subtask_has_a_line_with_its_cause(report, cast, open_form):
    report("渠道铺设", 60, cause="resources", reason="缺人")
    (line,) = [each for each in lines(open_form(cast.market_head)) if "缺人" in each["what"]]
    assert line["what"] == "Too few people or means · 缺人"
    assert line["department"] is None


def test_what_waits_for_a_promise_is_addressed_to_the_department_that_gave_it(
    poster, report, running, cast, open_form
):
    report("渠道铺设", 60, cause="waiting", reason="海报晚到", waits_for=poster)
    subtask = running.subtasks.get(name="渠道铺设")
    (line,) = [each for each in lines(open_form(cast.market_head)) if each["subtask"] == subtask.pk]
    assert line["department"] == cast.market.pk
    assert line["what"].endswith("海报晚到")


@pytest.mark.out_of_step
def test_the_summary_is_drafted_from_the_facts_of_the_week(running, report, cast, open_form):
    done = running.subtasks.get(name="市场调研")
    assignment.finish_subtask(subtask=done, by=done.owner, now=at("2024-10-15 17:00"))
    report("渠道铺设", 60, cause="resources", reason="缺人")
    summary = open_form(cast.market_head).context["form"]["summary"].value()
    assert "Finished: 市场调研" in summary
    assert "渠道铺设" in summary.splitlines()[-1]


def test_the_form_shows_what_goes_out_and_to_whom(report, cast, open_form):
    report("渠道铺设", 60, cause="resources", reason="缺人")
    response = open_form(cast.market_head)
    assert [each.name for each in response.context["receivers"]] == ["销售部", "研发部"]
    assert 'data-mirror="id_summary"' in response.text
    assert "1 of 3" in response.text
    assert "named as not reported" in response.text


def test_the_initiator_sends_the_week_and_sees_it_as_sent(running, cast, sign_in):
    client = sign_in(cast.market_head)
    answer = client.post(address(running), filled(running, cast))
    version = WeeklyReport.objects.get()
    assert answer.url == version.get_absolute_url()
    sent = client.get(answer.url)
    assert "按计划推进" in sent.text
    assert "增加人手" in sent.text
    assert " late</span>" in sent.text


def test_a_refusal_stands_at_the_line_it_is_about_and_keeps_every_word(
    running, report, cast, sign_in
):
    report("渠道铺设", 60, cause="resources", reason="缺人")
    data = filled(running, cast)
    at_fault = next(n for n in range(3) if data[f"needs-{n}-subtask"] == _pk(running))
    data[f"needs-{at_fault}-what"] = ""
    answer = sign_in(cast.market_head).post(address(running), data)
    assert answer.status_code == 422
    assert "渠道铺设" in str(answer.context["form"].non_field_errors())
    forms = answer.context["needs"].forms
    assert [n for n, form in enumerate(forms) if form.errors] == [at_fault]
    assert answer.text.count("增加人手") >= 2
    assert "按计划推进" in answer.text


def _pk(task):
    return task.subtasks.get(name="渠道铺设").pk


def test_whoever_sends_second_sees_what_was_sent_keeps_the_words_and_may_send_again(
    running, send, cast, sign_in
):
    client = sign_in(cast.market_head)
    send("10-14", "10-21 10:00")
    data = filled(running, cast, summary="我的总结", reason="补充")
    answer = client.post(address(running), data)
    assert answer.status_code == 422
    assert "v1 of this week went out meanwhile" in answer.text
    assert "渠道按计划推进" in answer.text
    assert "我的总结" in answer.text
    seen = answer.context["form"]["seen"].value()
    assert client.post(address(running), data | {"seen": seen}).status_code == 302
    assert WeeklyReport.objects.count() == 2


def test_a_correction_begins_with_what_was_sent_and_asks_why(send, cast, open_form):
    send("10-14", "10-21 10:00")
    response = open_form(cast.market_head)
    assert response.context["form"]["summary"].value() == "渠道按计划推进"
    assert {line["what"] for line in lines(response)} == {"增加人手"}
    assert {line["department"] for line in lines(response)} == {cast.sales.pk}
    assert response.context["form"]["reason"].field.required


def test_before_its_friday_the_page_says_when_instead_of_asking_for_words(running, cast, sign_in):
    now = timezone.now()
    Task.objects.update(start_date=now.date() - WEEK, end_date=now.date() + 9 * WEEK)
    client = sign_in(cast.market_head)
    ahead = client.get(address(running)).context["view"].mondays[0]
    response = client.get(address(running), {"week": ahead.isoformat()})
    terms = response.context["view"].terms
    first = may_be_sent_from(ahead, terms)
    assert response.context["opens_on"] == (first if terms.today < first else None)
    assert ("<textarea" in response.text) == (terms.today >= first)


def test_the_other_departments_cannot_send(running, cast, sign_in):
    answer = sign_in(cast.sales_head).post(address(running), filled(running, cast))
    assert answer.status_code == 403
    assert not WeeklySync.objects.exists()
