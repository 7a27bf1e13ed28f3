"""The page of a week: what every subtask reported, the roll-up, and all weeks (R16, R17)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import at
from tasks.models import Subtask, Task, WeeklySync
from tasks.policies import WEEK
from tasks.services import assignment, progress
from tasks.tests.test_weekly import send
from tasks.weeks import this_week

MONDAY = dt.date(2024, 10, 14)


@pytest.fixture
def open_week(running, sign_in):
    """`open_week(person, week)`: the page of a week as that person sees it."""

    def _open(person, week=MONDAY):
        return sign_in(person).get(address(running), {"week": week.isoformat()})

    return _open


def address(task):
    return reverse("tasks:weekly_sync", args=[task.pk])


def report(task, name, planned, actual, reason=""):
    subtask = task.subtasks.get(name=name)
    return progress.report_progress(
        subtask=subtask,
        planned=planned,
        actual=actual,
        reason=reason,
        by=subtask.owner,
        now=at("2024-10-18 17:00"),
    )


def rows(response):
    return [(row.subtask.name, row.deviation) for row in response.context["rows"]]


def test_lagging_subtasks_come_first_and_a_silent_one_is_not_zero(running, cast, open_week):
    report(running, "市场调研", 50, 50)
    report(running, "渠道铺设", 80, 60, "海报晚到")
    response = open_week(cast.market_head)
    assert rows(response) == [("渠道铺设", -20), ("产品培训", 0), ("市场调研", 0)]
    assert "20% behind" in response.text
    assert "海报晚到" in response.text
    assert response.text.count("Not reported") == 1
    assert "0%</" not in response.text.replace("60%", "").replace("80%", "").replace("50%", "")


def test_what_is_finished_or_has_not_begun_is_not_awaited(running, cast, open_week):
    done = running.subtasks.get(name="市场调研")
    assignment.finish_subtask(subtask=done, by=done.owner, now=at("2024-10-11 17:00"))
    dates = {"start_date": "2024-10-21", "due_date": "2024-10-31"}
    Subtask.objects.filter(name="产品培训").update(**dates)
    response = open_week(cast.market_head)
    assert "Finished on 11 Oct 2024" in response.text
    assert "Begins on 21 Oct 2024" in response.text
    assert response.text.count("Not reported") == 1


def test_the_lagging_subtasks_stand_in_the_form_by_name(running, cast, open_week):
    report(running, "渠道铺设", 80, 60, "海报晚到")
    form = open_week(cast.market_head).context["form"]
    assert form["resources"].value() == "渠道铺设 (销售部): "


def test_the_initiator_sends_the_week_to_the_other_heads(running, cast, open_week, sign_in):
    response = open_week(cast.market_head)
    assert "Send to 2 department heads" in response.text
    client = sign_in(cast.market_head)
    data = {"week": "2024-10-14", "summary": "按计划推进", "resources": ""}
    answer = client.post(address(running), data)
    assert answer.url == f"{address(running)}?week=2024-10-14"
    assert WeeklySync.objects.get().summary == "按计划推进"
    sent = client.get(answer.url)
    assert "按计划推进" in sent.text
    assert "Roll up the week" not in sent.text
    assert "late</span>" in sent.text


def test_a_refusal_keeps_what_was_typed(running, cast, sign_in):
    report(running, "渠道铺设", 80, 60, "海报晚到")
    data = {"week": "2024-10-14", "summary": "有落后", "resources": "请支持"}
    answer = sign_in(cast.market_head).post(address(running), data)
    assert answer.status_code == 422
    assert "Say what each lagging subtask needs from whom: 渠道铺设." in answer.text
    assert "请支持" in answer.text


def test_whoever_sends_second_sees_what_was_sent_and_keeps_the_words(running, cast, sign_in):
    send(running, cast.market_head)
    data = {"week": "2024-10-14", "summary": "我的总结", "resources": ""}
    answer = sign_in(cast.market_head).post(address(running), data)
    assert answer.status_code == 422
    assert "It stands as it was sent" in answer.text
    assert "渠道按计划推进" in answer.text
    assert "我的总结" in answer.text


def test_everybody_in_the_task_reads_the_weeks_and_only_the_initiating_side_writes(
    running, cast, open_week, sign_in
):
    response = open_week(cast.sales_staff)
    assert "市场部 has not sent this week yet." in response.text
    assert "Roll up the week" not in response.text
    data = {"week": "2024-10-14", "summary": "越权"}
    assert sign_in(cast.sales_head).post(address(running), data).status_code == 403
    assert not WeeklySync.objects.exists()


def test_the_week_that_waits_longest_is_shown_first(running, cast, sign_in):
    client = sign_in(cast.market_head)
    send(running, cast.market_head, week=dt.date(2024, 9, 30))
    for asked in ({}, {"week": "nonsense"}, {"week": "2024-09-02"}):
        assert client.get(address(running), asked).context["monday"] == dt.date(2024, 10, 7)


def test_a_year_of_weeks_stands_beside_the_page(running, cast, open_week):
    response = open_week(cast.market_head)
    assert len(response.context["weeks"]) == 53
    assert response.context["week"].monday == MONDAY
    assert response.context["later"].monday == MONDAY + WEEK
    assert response.context["earlier"].monday == MONDAY - WEEK


def test_before_the_work_begins_there_is_no_week(running, cast, sign_in):
    Task.objects.update(start_date=timezone.localdate() + 3 * WEEK, end_date=None)
    response = sign_in(cast.market_head).get(address(running))
    assert "No week of work yet" in response.text


def test_the_progress_form_opens_the_week_that_is_asked_for(running, cast, sign_in):
    report(running, "渠道铺设", 80, 60, "海报晚到")
    subtask = running.subtasks.get(name="渠道铺设")
    client = sign_in(cast.sales_staff)
    form = reverse("tasks:progress_report", args=[subtask.pk])
    reported = client.get(form, {"week": "2024-10-14"}).context["form"].initial
    assert (reported["week"], reported["actual"], reported["version"]) == (MONDAY, 60, 1)
    before = client.get(form, {"week": "2024-10-07"}).context["form"].initial
    assert (before["week"], before["planned"], before["actual"]) == (MONDAY - WEEK, 87, None)
    for nonsense in ("2024-10-08", "1900-01-01", "x"):
        initial = client.get(form, {"week": nonsense}).context["form"].initial
        assert initial["week"] == this_week(timezone.now())
