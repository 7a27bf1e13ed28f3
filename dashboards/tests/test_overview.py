"""The overview of management: where the running tasks stand, why, and in Excel the same."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Organisation
from conftest import at
from dashboards import overview, why
from dashboards.standing import rows_of, running
from deadlines.terms import Terms
from issues.services.recording import record_issue
from issues.services.reporting import report_issue
from tasks.models import Collaboration, ProgressUpdate, Subtask, Task
from weekly.models import EarlyWarning, WarningRule
from weekly.services.warnings import watch_all

OVERVIEW = reverse("dashboards:overview")
FILE = reverse("dashboards:overview_file")
SINCE = at("2024-10-10 09:00")
DAY = dt.timedelta(days=1)
FACTS = {
    "overdue": {"due": "2024-10-15"},
    "lag": {"planned": 60, "actual": 35},
    "silent": {"since": "2024-10-02"},
    "promise": {"request": 1, "day": "2024-10-10"},
    "moved": {"times": 2, "due": "2024-10-20"},
    "quiet": {"week": "2024-10-07", "departments": 3},
}


def warn(task, rule, since=SINCE, subtask=None, **more):
    return EarlyWarning.objects.create(
        task=task,
        subtask=subtask,
        rule=rule,
        key=f"{rule}/{since}",
        raised_at=since,
        facts=FACTS[rule],
        **more,
    )


@pytest.fixture
def copies(running):
    """`copies(3)`: three more running tasks of the same departments, without subtasks."""

    def _copies(number):
        tasks = [
            Task(
                **{
                    name: getattr(running, name)
                    for name in ("department", "initiator", "start_date", "end_date", "stage")
                },
                number=f"{running.number}-{n}",
                title=f"{running.title} {n}",
                created_at=running.created_at,
                submitted_at=running.submitted_at,
                confirmed_at=running.confirmed_at,
            )
            for n in range(number)
        ]
        tasks = Task.objects.bulk_create(tasks)
        seats = [
            Collaboration(task=task, department=seat.department)
            for task in tasks
            for seat in running.collaborations.all()
        ]
        Collaboration.objects.bulk_create(seats)
        return tasks

    return _copies


pytestmark = pytest.mark.out_of_step  # the copies have no weeks


def shown(browser, **query):
    return [row.task for row in browser.get(OVERVIEW, query).context["rows"]]


def statuses(browser, **query):
    return {row.task: row.status for row in browser.get(OVERVIEW, query).context["rows"]}


# Where a task stands -----------------------------------------------------------------------------


def test_a_task_past_a_due_date_is_off_track_and_says_which(cast, running, sign_in):
    """By the rules as they run every night, not by what anybody declares."""
    watch_all(at("2024-10-17 09:00"))
    answer = sign_in(cast.director).get(OVERVIEW)
    assert [row.status for row in answer.context["rows"]] == ["off_track"]
    text = answer.content.decode()
    assert "Off track" in text
    assert "产品培训: was due on 15 Oct" in text


@pytest.mark.parametrize("rule", [rule for rule in WarningRule if rule != WarningRule.OVERDUE])
def test_any_other_open_warning_puts_a_task_at_risk(cast, running, sign_in, rule):
    warn(running, rule)
    assert statuses(sign_in(cast.director)) == {running: "at_risk"}


def test_a_warning_that_is_over_counts_no_more(cast, running, sign_in):
    warn(running, "overdue", over_at=SINCE + DAY)
    assert statuses(sign_in(cast.director)) == {running: "on_track"}


def test_the_worst_come_first_and_of_these_what_is_wrong_longest(cast, running, copies, sign_in):
    fine, lately, long_ago, risk = copies(4)
    warn(lately, "overdue", since=SINCE)
    warn(long_ago, "overdue", since=SINCE - DAY)
    warn(risk, "lag", since=SINCE - 9 * DAY)
    assert shown(sign_in(cast.director)) == [long_ago, lately, risk, running, fine]


def test_of_tasks_on_track_the_one_that_ends_first_comes_first(cast, running, copies, sign_in):
    late, early = copies(2)
    Task.objects.filter(pk=early.pk).update(end_date=running.end_date - DAY)
    assert shown(sign_in(cast.director)) == [early, running, late]


def test_only_running_tasks_stand_here(cast, running, copies, sign_in):
    others = copies(3)
    for task, stage in zip(others, ("assignment", "cancelled", "review"), strict=True):
        Task.objects.filter(pk=task.pk).update(stage=stage)
    assert set(shown(sign_in(cast.director))) == {running, others[2]}


def test_planned_and_actual_are_the_mean_of_the_last_reports(cast, running):
    research, sales = running.subtasks.exclude(department=cast.market).order_by("department")
    Subtask.objects.filter(department=cast.market).update(state="done", done_at=SINCE)
    for subtask, week, planned, actual in [
        (sales, "2024-10-07", 20, 20),
        (sales, "2024-10-14", 60, 31),
    ]:
        ProgressUpdate.objects.create(
            subtask=subtask,
            week=week,
            planned=planned,
            actual=actual,
            reason="人手紧",
            cause="resources",
            reported_by=subtask.owner,
            reported_at=SINCE,
        )
    (row,) = rows_of([running_task(cast)], Terms.current(at("2024-10-15 23:59")))
    progress = row.progress
    # By the plan, 渠道铺设 should have reached 100 % in the week that it reported.
    assert (progress.planned, progress.actual, progress.deviation) == (100, 66, -34)
    assert (progress.lagging, progress.subtasks) == (1, 3), "nobody knows how far 研发部 is"
    (row,) = rows_of([running_task(cast)], Terms.current(at("2024-10-16 00:00")))
    assert row.progress.lagging == 2, "what is past its due date lags, reported or not"
    assert research.state == "open"


def running_task(cast):
    return running(cast.director).get()


def test_what_nobody_reported_is_not_zero_percent(cast, running, sign_in):
    answer = sign_in(cast.director).get(OVERVIEW)
    assert answer.context["rows"][0].progress.actual is None
    assert "nothing reported yet" in answer.content.decode()


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("overdue", "was due on 15 Oct"),
        ("lag", "25 points behind the plan (35% of 60%)"),
        ("silent", "no report since 2 Oct"),
        ("promise", "support promised for 10 Oct is missing"),
        ("moved", "due date moved 2 times, now 20 Oct"),
        ("quiet", "3 departments moved on in the week from 7 Oct, and no talk was logged"),
    ],
)
def test_why_is_said_in_words(running, rule, words):
    assert why.why(warn(running, rule)) == words


def test_every_rule_has_its_words_and_its_formula(db):
    assert set(why.WORDS) == {rule for rule, _formula in why.RULES} == set(WarningRule)
    text = " ".join(formula for _name, formula in why.rules(Organisation.current()))
    assert "%(" not in text


def test_the_formulas_name_the_thresholds_that_are_set(cast, running, sign_in):
    Organisation.objects.update(tolerance=17, silent_days=23)
    text = sign_in(cast.director).get(OVERVIEW).content.decode()
    assert "planned − actual of the last report &gt; 17 percent points" in text
    assert "no report of an open subtask for 23 days or more" in text


def test_of_many_reasons_the_gravest_are_shown_and_the_rest_counted(cast, running, sign_in):
    subtask = running.subtasks.first()
    for days in range(5):
        warn(running, "silent", since=SINCE - days * DAY, subtask=subtask)
    warn(running, "overdue", subtask=subtask)
    (row,) = sign_in(cast.director).get(OVERVIEW).context["rows"]
    assert row.reasons[0] == (subtask, f"{subtask}: was due on 15 Oct")
    assert (len(row.reasons), row.more_reasons) == (3, 3)


# Who sees what (R29) -----------------------------------------------------------------------------


def test_a_director_sees_all_below_staff_theirs_and_others_nothing(cast, running, copies, sign_in):
    (alone,) = copies(1)
    alone.collaborations.all().delete()  # of 市场部 alone
    warn(alone, "overdue")
    for person, tasks in [
        (cast.director, {running, alone}),
        (cast.market_staff, {running, alone}),
        (cast.sales_head, {running}),
        (cast.records, {running, alone}),
        (cast.outsider, set()),
        (cast.service_head, set()),
        (cast.admin, set()),
    ]:
        answer = sign_in(person).get(OVERVIEW)
        assert {row.task for row in answer.context["rows"]} == tasks, person
        counts = {status: number for status, _name, number in answer.context["counts"]}
        assert sum(counts.values()) == len(tasks)
        assert counts["off_track"] == (alone in tasks)


def test_nobody_is_offered_initiators_of_tasks_they_do_not_see(cast, running, sign_in):
    choices = sign_in(cast.outsider).get(OVERVIEW).context["filter"].form.fields["initiator"]
    assert list(choices.queryset) == []
    mine = sign_in(cast.sales_head).get(OVERVIEW, {"initiator": cast.market_head.pk})
    assert [row.task for row in mine.context["rows"]] == [running]


@pytest.fixture
def escalated(cast, running):
    issue = record_issue(
        task=running,
        by=cast.sales_staff,
        now=SINCE,
        description="宣传物料未按时交付",
        cause="供应商产能不足",
        occurred_at=SINCE,
        department=cast.market,
        owner=cast.market_staff,
        needs_other_departments=True,
        affects_finish=True,
        next_date=dt.date(2024, 10, 14),
    )
    report_issue(issue=issue, by=cast.sales_staff, now=SINCE)
    return issue


def test_escalations_that_nobody_acknowledged_stand_on_the_overview(cast, escalated, sign_in):
    answer = sign_in(cast.director).get(OVERVIEW)
    number = escalated.escalations.count()
    assert number == 2, "the head of 市场部 and the director"
    assert answer.context["number_of_escalations"] == number
    assert answer.context["rows"][0].escalations == number
    assert escalated.get_absolute_url() in answer.content.decode()
    listed = sign_in(cast.sales_staff).get(reverse("dashboards:escalation_list"))
    assert len(listed.context["escalations"]) == number


def test_outsiders_see_no_escalation(cast, escalated, sign_in):
    browser = sign_in(cast.outsider)
    assert browser.get(OVERVIEW).context["number_of_escalations"] == 0
    listed = browser.get(reverse("dashboards:escalation_list")).content.decode()
    assert "宣传物料未按时交付" not in listed


def test_an_acknowledged_escalation_waits_no_more(cast, escalated, sign_in):
    escalated.escalations.update(acknowledged_at=SINCE + DAY)
    answer = sign_in(cast.director).get(OVERVIEW)
    assert answer.context["number_of_escalations"] == answer.context["rows"][0].escalations == 0


# Filters -----------------------------------------------------------------------------------------


def test_filters_stand_in_the_address_and_narrow_the_rows(cast, running, copies, sign_in):
    ending, of_sales, in_review = copies(3)
    Task.objects.filter(pk=ending.pk).update(end_date=dt.date(2024, 10, 20))
    Task.objects.filter(pk=of_sales.pk).update(initiator=cast.sales_head)
    of_sales.collaborations.filter(department=cast.research).delete()
    Task.objects.filter(pk=in_review.pk).update(stage="review")
    warn(ending, "lag")
    browser, everything = sign_in(cast.director), {running, ending, of_sales, in_review}
    for query, tasks in [
        ({}, everything),
        ({"status": "at_risk"}, {ending}),
        ({"status": "on_track", "stage": "review"}, {in_review}),
        ({"department": cast.research.pk}, everything - {of_sales}),
        ({"department": cast.market.pk}, everything),
        ({"initiator": cast.sales_head.pk}, {of_sales}),
        ({"since": "2024-10-20"}, everything),
        ({"since": "2024-10-21"}, everything - {ending}),
        ({"until": "2024-10-01"}, everything),
        ({"until": "2024-09-30"}, set()),
    ]:
        assert set(shown(browser, **query)) == tasks, query


def test_the_counts_are_of_all_statuses_that_fit_the_other_filters(cast, copies, sign_in):
    one, two, three = copies(3)
    warn(one, "overdue")
    warn(two, "lag")
    Task.objects.filter(pk=three.pk).update(stage="review")
    answer = sign_in(cast.director).get(OVERVIEW, {"status": "off_track", "stage": "execution"})
    assert [number for _status, _name, number in answer.context["counts"]] == [1, 1, 1]


def test_what_is_no_choice_narrows_nothing(cast, running, sign_in):
    query = {"status": "fine", "department": "x", "since": "0001-01-01", "after": "0~x~y~z"}
    assert shown(sign_in(cast.director), **query) == [running]


def test_pages_hold_every_task_once(cast, running, copies, sign_in, monkeypatch):
    tasks = copies(7)
    for task, rule in zip(tasks, ["overdue", "overdue", "lag", "lag", "lag"], strict=False):
        warn(task, rule)
    whole = overview.page_along
    monkeypatch.setattr(overview, "page_along", lambda *a: whole(*a, size=2))
    browser, seen, query = sign_in(cast.director), [], {}
    while query is not None:
        context = browser.get(OVERVIEW, query).context
        seen += [row.task for row in context["rows"]]
        query = {"after": context["after"]} if context["after"] else None
    assert len(seen) == len(set(seen)) == 8
    monkeypatch.undo()
    assert seen == shown(browser)


# Excel -------------------------------------------------------------------------------------------


def sheet_of(browser, **query):
    answer = browser.get(FILE, query)
    assert answer.headers["Content-Disposition"].endswith('.xlsx"')
    return load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active


def test_the_workbook_prints_its_columns_on_one_page_with_the_heads(cast, running, sign_in):
    sheet = sheet_of(sign_in(cast.director))
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.print_title_rows == "$3:$3"


@pytest.mark.parametrize("query", [{}, {"status": "at_risk"}, {"stage": "review"}])
@pytest.mark.parametrize("person", ["director", "sales_head", "outsider"])
def test_the_workbook_equals_the_screen(cast, running, copies, sign_in, escalated, query, person):
    """For the same filter and the same person, in the same order."""
    tasks = copies(4)
    warn(tasks[1], "overdue", subtask=running.subtasks.first())
    warn(tasks[2], "lag")
    Task.objects.filter(pk=tasks[3].pk).update(stage="review")
    browser = sign_in(getattr(cast, person))
    rows = list(sheet_of(browser, **query).iter_rows(min_row=4, values_only=True))
    wanted = browser.get(OVERVIEW, query).context["rows"]
    assert [row[1] for row in rows] == [row.task.number for row in wanted]
    for found, row in zip(rows, wanted, strict=True):
        assert found[0] == str(row.status_name)
        assert found[2:6] == (
            row.task.title,
            str(row.task.department),
            str(row.task.initiator),
            row.task.get_stage_display(),
        )
        assert found[11:14] == (row.progress.subtasks, row.progress.lagging, row.escalations)
        assert (found[15] or "").split("\n") == ([w for _s, w in row.reasons] or [""])


def test_the_first_row_says_what_was_chosen_by_whom_and_when(cast, running, sign_in):
    sheet = sheet_of(sign_in(cast.director), status="on_track", department=cast.research.pk)
    title = sheet["A1"].value
    for words in ("Status: On track", "Department taking part: 研发部", "As seen by: 总监A"):
        assert words in title
    assert f"As of: {timezone.localtime():%-d}" in title


def test_figures_are_numbers_and_text_is_never_a_formula(cast, running, sign_in):
    Task.objects.update(title="=HYPERLINK(1)")
    Subtask.objects.filter(department=cast.market).update(state="done", done_at=SINCE)
    warn(running, "lag", since=SINCE)
    sheet = sheet_of(sign_in(cast.director))
    title, planned, deviation, end, since = (sheet[f"{column}4"] for column in "CIKHO")
    assert (title.value, title.data_type) == ("=HYPERLINK(1)", "s")
    assert (planned.value, planned.number_format) == (1, "0%")
    assert (deviation.value, deviation.data_type) == (0, "n")
    assert end.value.date() == running.end_date
    assert since.value == SINCE.replace(tzinfo=None)


def test_a_control_character_before_it_makes_no_formula(cast, running, sign_in):
    Task.objects.update(title="\x01=1+1")
    assert sheet_of(sign_in(cast.director))["C4"].data_type == "s"


def test_the_way_to_the_workbook_keeps_the_filters(cast, running, sign_in):
    text = sign_in(cast.director).get(OVERVIEW, {"status": "on_track"}).content.decode()
    assert f'href="{FILE}?status=on_track"' in text


# What it costs -----------------------------------------------------------------------------------


def cost(browser, link):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(link).status_code == 200
    return len(captured)


def test_ten_tasks_cost_what_a_thousand_cost(cast, running, copies, sign_in):
    browser = sign_in(cast.director)
    copies(9)
    few = cost(browser, OVERVIEW)
    Task.objects.exclude(pk=running.pk).delete()
    EarlyWarning.objects.bulk_create(
        EarlyWarning(task=task, rule="lag", key=str(n), raised_at=SINCE, facts=FACTS["lag"])
        for n, task in enumerate(copies(999))
    )
    assert cost(browser, OVERVIEW) == few <= 18
