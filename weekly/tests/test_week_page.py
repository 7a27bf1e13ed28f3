"""The page of a week: what needs attention, every subtask, its versions, all weeks (R16, R17)."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation
from conftest import at
from deadlines.policies import week_of
from tasks.models import Plan, Subtask, Task
from tasks.policies import WEEK
from tasks.services import assignment
from weekly.services.issuing import confirm_reading, issue_due
from weekly.services.weeks import open_weeks

MONDAY = dt.date(2024, 10, 14)


@pytest.fixture
def open_week(running, sign_in):
    """`open_week(person, week, version=2)`: the page of a week as that person sees it."""

    def _open(person, week=MONDAY, **query):
        return sign_in(person).get(address(running), {"week": week.isoformat(), **query})

    return _open


def address(task):
    return reverse("weekly:week", args=[task.pk])


def rows(response):
    return [(row.name, row.deviation) for row in response.context["report"].rows]


def test_lagging_subtasks_come_first_and_a_silent_one_is_not_zero(report, cast, open_week):
    Subtask.objects.update(due_date=dt.date(2024, 12, 1))
    report("市场调研", 87, cause="other", reason="计划调整")
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    response = open_week(cast.market_head)
    assert next(name for name, _deviation in rows(response)) == "渠道铺设"
    assert "40% behind" in response.text
    assert "海报晚到" in response.text
    assert ">0%" not in response.text


def test_the_worst_stands_at_the_top_with_who_since_when_and_what_to_do(report, cast, open_week):
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    page = open_week(cast.market_head)
    worst = next(line for line in page.context["attention"] if line.what == "渠道铺设")
    assert (worst.who, worst.since) == ("专员C", dt.date(2024, 10, 15))
    assert page.text.index('id="attention"') < page.text.index('id="rows"')
    assert "60% of 100% planned" in page.text


def test_where_nothing_needs_attention_the_block_is_absent(running, report, cast, open_week):
    Subtask.objects.update(due_date=dt.date(2024, 12, 1))
    for subtask in running.subtasks.live():
        report(subtask.name, 100, cause="easier", reason="顺利")
    page = open_week(cast.market_head)
    assert 'id="attention"' not in page.text
    assert "Nothing needs attention in this week." in page.text


@pytest.mark.out_of_step
def test_what_is_finished_or_has_not_begun_is_not_awaited(running, cast, open_week):
    done = running.subtasks.get(name="市场调研")
    assignment.finish_subtask(subtask=done, by=done.owner, now=at("2024-10-11 17:00"))
    dates = {"start_date": "2024-10-21", "due_date": "2024-10-31"}
    Subtask.objects.filter(name="产品培训").update(**dates)
    Plan.objects.filter(subtask__name="产品培训").delete()
    response = open_week(cast.market_head)
    assert "begins " in response.text
    assert response.context["report"].owing == 1
    assert "0 of 1 reported" in response.text


def test_the_definition_of_lagging_stands_on_the_page_with_its_tolerance(cast, open_week):
    page = open_week(cast.market_head)
    assert "planned − actual &gt; 5 percent points" in page.text


def test_every_number_leads_to_the_rows_behind_it(report, cast, open_week):
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    page = open_week(cast.market_head)
    for tile in page.context["tiles"]:
        assert f'href="#{tile.place}"' in page.text
        assert f'id="{tile.place}"' in page.text


def test_the_last_weeks_are_drawn_and_said_in_words(report, cast, open_week):
    report("渠道铺设", 35, "10-11 17:00", cause="other", reason="起步慢")
    report("渠道铺设", 60, cause="waiting", reason="海报晚到")
    page = open_week(cast.market_head)
    assert "35% → 60%" in page.text
    assert 'class="spark__line"' in page.text


def test_a_week_counts_down_to_its_noon(running, cast, sign_in):
    now = timezone.now()
    Task.objects.update(start_date=now.date() - WEEK, end_date=now.date() + 9 * WEEK)
    open_weeks(now)
    this = running.weekly_syncs.order_by("week").last().week
    page = sign_in(cast.market_head).get(address(running), {"week": this.isoformat()})
    assert "issued by itself in " in page.text


def test_what_was_issued_at_noon_says_that_nobody_sent_it(running, cast, open_week):
    open_weeks(at("2024-10-21 12:00"))
    issue_due(at("2024-10-21 12:00"))
    page = open_week(cast.market_head)
    assert "Issued by itself, not sent" in page.text
    assert page.context["version"].number == 1
    assert "Roll up the week" in page.text


def test_a_correction_stands_beside_the_old_figure_struck_through(send, report, cast, open_week):
    report("渠道铺设", 60, "10-18 17:00", cause="waiting", reason="海报晚到")
    send("10-14", "10-18 18:00")
    report(
        "渠道铺设",
        80,
        "10-20 17:00",
        cause="waiting",
        reason="海报到了",
        version=1,
        correction="补报",
    )
    send("10-14", "10-21 10:00", seen=1, reason="数字有误")
    page = open_week(cast.market_head)
    assert "<del>60%</del>" in page.text
    assert "<ins>80%</ins>" in page.text
    assert "数字有误" in page.text
    first = open_week(cast.market_head, version=1)
    assert "<b>60%</b>" in first.text
    assert "<del>60%</del>" not in first.text
    assert "See v2, the newest" in first.text
    assert "See v2, the newest" not in page.text


def test_words_that_were_corrected_stand_struck_through_above_the_new_ones(
    running, send, cast, open_week
):
    send("10-14", "10-21 10:00", summary="销售额460万元")
    needs = [{"subtask": None, "what": "再加一周", "department": cast.sales.pk}]
    needs += [
        {"subtask": pk, "what": "增加人手", "department": cast.research.pk}
        for pk in running.subtasks.live().values_list("pk", flat=True)
    ]
    words = {"summary": "销售额480万元", "needs": needs}
    send("10-14", "10-21 14:00", seen=1, reason="数字有误", **words)
    page = open_week(cast.market_head)
    assert page.text.count("<del>销售部 增加人手") == 3
    assert "<del>销售额460万元</del>" in page.text
    assert page.text.index("<del>销售额460万元") < page.text.index("<p>销售额480万元")


def test_a_head_reads_it_with_one_click_and_the_initiator_sees_who_has_not(send, cast, open_week):
    version = send("10-14", "10-21 10:00")
    assert "I have read it" in open_week(cast.sales_head).text
    assert "I have read it" not in open_week(cast.market_head).text
    own = version.readings.get(reader=cast.sales_head)
    confirm_reading(reading=own, by=cast.sales_head, now=at("2024-10-21 13:00"))
    assert "I have read it" not in open_week(cast.sales_head).text
    page = open_week(cast.market_head)
    assert "1 / 2" in page.text
    assert page.text.count("not read yet") == 1


def test_everybody_in_the_task_reads_the_weeks_and_only_the_initiating_side_writes(
    running, cast, open_week, sign_in
):
    response = open_week(cast.sales_staff)
    assert "市场部 has not sent this week yet." in response.text
    assert "Roll up the week" not in response.text


def test_the_last_week_that_is_over_is_shown_and_older_unsent_ones_are_told(
    running, send, cast, sign_in
):
    client = sign_in(cast.market_head)
    send("09-30", "10-21 10:00")
    last = week_of(timezone.localdate(timezone=running_zone())) - WEEK
    for asked in ({}, {"week": "nonsense"}, {"week": "2024-09-02"}):
        page = client.get(address(running), asked)
        assert page.context["monday"] == last
        assert page.context["unsent"][-1] == dt.date(2024, 10, 7)
    assert sign_in(cast.sales_head).get(address(running)).context["unsent"] == []


def running_zone():
    return Organisation.current().zone


def test_a_year_of_weeks_can_be_picked_and_its_neighbours_by_key(cast, open_week):
    response = open_week(cast.market_head)
    assert len(response.context["weeks"]) == 53
    assert response.context["week"].monday == MONDAY
    assert f'data-key="ArrowRight" href="?week={MONDAY + WEEK}"' in response.text
    assert f'data-key="ArrowLeft" href="?week={MONDAY - WEEK}"' in response.text


def test_before_the_work_begins_there_is_no_week(running, cast, sign_in):
    Task.objects.update(start_date=timezone.localdate() + 3 * WEEK, end_date=None)
    response = sign_in(cast.market_head).get(address(running))
    assert "No week of work yet" in response.text
