"""On-time rates: what they are made of, and who sees them."""

import datetime as dt
import io
import re
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from conftest import at, make_department
from coordination.pages import page_along
from dashboards import duties
from dashboards.rates import History, Month, Rate, last_months, last_weeks, rates_by_department
from deadlines.models import Deadline, Punctuality
from deadlines.policies import week_of
from deadlines.punctuality import WEEK, count_punctuality

TODAY = dt.date(2024, 10, 17)
MONDAY = dt.date(2024, 10, 14)
DAY = dt.timedelta(days=1)


def kept(department, kind="weekly_sync", week=MONDAY, kept=1, late=0):
    return Punctuality.objects.create(
        department=department, kind=kind, week=week, kept=kept, late=late
    )


def test_a_hundred_percent_means_every_one():
    assert Rate(199, 1).percent == 99
    assert Rate(200, 0).percent == 100
    assert Rate(0, 3).percent == 0


def test_nothing_due_is_no_rate_and_not_zero():
    assert Rate().percent is None
    assert not Rate().is_low


def test_a_week_counts_for_the_month_of_its_monday():
    assert Month(dt.date(2024, 9, 1)).weeks == [dt.date(2024, 9, day) for day in (2, 9, 16, 23, 30)]
    assert Month(dt.date(2024, 10, 1)).weeks == [dt.date(2024, 10, day) for day in (7, 14, 21, 28)]


def test_every_week_belongs_to_exactly_one_month():
    month, weeks = Month(dt.date(2020, 1, 1)), []
    for _ in range(14 * 12):
        weeks += month.weeks
        month = Month((month.first + 31 * DAY).replace(day=1))
    assert weeks == [weeks[0] + n * WEEK for n in range(len(weeks))]


@pytest.mark.parametrize("code", ["", "2024", "2024-13", "2024-1", "2024-W10", "9999-01", "x"])
def test_no_month_is_refused(code):
    with pytest.raises(ValueError):
        Month.read(code)


def test_on_the_first_days_of_a_month_its_week_is_still_that_of_the_month_before():
    """1 October 2024 is a Tuesday: its week began on 30 September."""
    assert [m.code for m in last_months(dt.date(2024, 10, 1), 2)] == ["2024-09", "2024-08"]
    assert [m.code for m in last_months(dt.date(2024, 10, 7), 2)] == ["2024-10", "2024-09"]


def test_twelve_weeks_end_with_the_one_it_is_now():
    weeks = last_weeks(TODAY)
    assert (len(weeks), weeks[0], weeks[-1]) == (12, dt.date(2024, 7, 29), MONDAY)


def test_the_kinds_of_issues_are_added_up(cast):
    kept(cast.sales, "issue_report", kept=2, late=1)
    kept(cast.sales, "issue_solution", kept=3)
    kept(cast.sales, "communication_log", late=1, kept=0)
    rates = rates_by_department([cast.sales.pk], MONDAY, MONDAY)
    assert rates["issues", cast.sales.pk] == Rate(5, 1)
    assert rates["logs", cast.sales.pk] == Rate(0, 1)


def test_months_and_weeks_come_from_the_same_counts(cast):
    kept(cast.sales, week=MONDAY, kept=1, late=1)
    kept(cast.sales, week=MONDAY - WEEK, kept=2)
    kept(cast.sales, week=MONDAY - 2 * WEEK, kept=4)  # 30 September
    kept(cast.market, kept=9)
    history = History([cast.sales.pk], TODAY)
    monthly = {name: [c.rate for c in cells[:2]] for name, cells in history.by_month}
    assert monthly["Weekly syncs"] == [Rate(3, 1), Rate(4, 0)]
    assert [cells[2].rate for _week, cells in history.by_week[-3:]] == [
        Rate(4, 0),
        Rate(2, 0),
        Rate(1, 1),
    ]
    syncs = history.trend.series[2]
    assert syncs.values[-3:] == (100, 100, 50)
    assert syncs.values[0] is None, "a week in which nothing fell due is a gap"


def test_a_history_is_one_statement(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        History([cast.sales.pk], TODAY)


# Pages -------------------------------------------------------------------------------------------


def page(sign_in, person, name, *args, **query):
    return sign_in(person).get(reverse(f"dashboards:{name}", args=args), query)


@pytest.fixture
def this_week(db):
    return week_of(timezone.localdate())


def test_a_director_sees_all_departments_below_and_no_other(cast, sign_in):
    text = page(sign_in, cast.director, "department_rates").content.decode()
    for department in (cast.board, cast.market, cast.sales, cast.research, cast.service):
        assert reverse("dashboards:department_work", args=[department.pk]) in text
    assert cast.finance.name not in text


def test_a_member_of_staff_sees_the_own_department_only(cast, sign_in, this_week):
    kept(cast.sales, week=this_week, kept=1)
    kept(cast.market, week=this_week, kept=0, late=8)
    text = page(sign_in, cast.sales_staff, "department_rates").content.decode()
    assert cast.sales.name in text
    assert cast.market.name not in text
    assert "0 of 8" not in text
    assert "1 of 1" in text


def test_who_belongs_to_no_department_is_told_so(cast, sign_in):
    text = page(sign_in, cast.admin, "department_rates").content.decode()
    assert "You belong to no department" in text


@pytest.mark.parametrize("person", ["director", "sales_staff", "records", "admin"])
@pytest.mark.parametrize("back", [None, 0, 1])
def test_the_workbook_equals_the_screen(cast, sign_in, this_week, person, back):
    """For the same month and the same person."""
    for department, count in ((cast.sales, 7), (cast.market, 2)):
        kept(department, "communication_log", week=this_week, kept=count, late=1)
    month = "" if back is None else last_months(timezone.localdate(), 2)[back].code
    browser, query = sign_in(getattr(cast, person)), {"month": month}
    wanted = browser.get(reverse("dashboards:department_rates"), query).context["rows"]
    answer = browser.get(reverse("dashboards:department_rates_file"), query)
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    found = list(sheet.iter_rows(min_row=4, values_only=True))
    assert [row[0] for row in found] == [str(row.department) for row in wanted]
    for values, row in zip(found, wanted, strict=True):
        percents = [p and round(p * 100) for p in values[1:13:3]]
        assert percents == [cell.rate.percent for cell in row.cells]
        assert list(values[2:13:3]) == [cell.rate.kept for cell in row.cells]
        assert list(values[3:13:3]) == [cell.rate.due for cell in row.cells]
        assert values[13] == row.overdue


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("director", 200),
        ("sales_head", 200),
        ("sales_staff", 200),
        ("records", 200),
        ("market_head", 403),
        ("outsider", 403),
        ("admin", 403),
    ],
)
def test_the_work_of_a_department_is_for_those_in_and_above_it(cast, sign_in, person, status):
    answer = page(sign_in, getattr(cast, person), "department_work", cast.sales.pk)
    assert answer.status_code == status


def test_the_way_to_it_is_shown_to_those_only(cast, sign_in):
    link = reverse("dashboards:department_work", args=[cast.sales.pk])
    detail = reverse("accounts:department_detail", args=[cast.sales.pk])
    assert link in sign_in(cast.sales_staff).get(detail).content.decode()
    assert link not in sign_in(cast.market_head).get(detail).content.decode()


def test_a_department_sees_what_it_promised_and_what_is_promised_to_it(cast, running, sign_in):
    """市场部 began the task: the subtasks of 销售部 and 研发部 are promised to it."""
    answer = page(sign_in, cast.market_head, "department_work", cast.market.pk)
    made, owed = answer.context["made"], answer.context["owed"]
    assert [(d.what, d.owner) for d in made.rows] == [("市场调研", cast.market_staff)]
    assert {d.what for d in owed.rows} == {"产品培训", "渠道铺设"}
    assert (made.count, made.overdue, owed.count, owed.overdue) == (1, 1, 2, 2)


def test_support_promised_to_a_subtask_of_the_department_is_owed_to_it(cast, running, sign_in):
    from tasks.services import support

    now = at("2024-09-25 09:00")
    request = support.ask_support(
        subtask=running.subtasks.get(department=cast.sales),
        department=cast.market,
        what="宣传海报设计稿",
        needed_by=dt.date(2024, 10, 10),
        by=cast.sales_staff,
        now=now,
    )
    support.answer_support(request=request, answer="accepted", by=cast.market_head, now=now)
    answer = page(sign_in, cast.sales_head, "department_work", cast.sales.pk)
    assert [d.what for d in answer.context["owed"].rows] == ["宣传海报设计稿"]
    made = page(sign_in, cast.market_head, "department_work", cast.market.pk).context["made"]
    assert [d.what for d in made.rows] == ["宣传海报设计稿", "市场调研"], "by due date"


def test_who_carries_what_counts_duties_of_the_department_only(cast, running, sign_in):
    answer = page(sign_in, cast.director, "department_work", cast.sales.pk)
    load = list(answer.context["load"])
    assert [row["owner"] for row in load] == [cast.sales_staff.pk]
    assert load[0]["subtasks"] == 1
    owed = Deadline.objects.open().filter(owner=cast.sales_staff).count()
    assert load[0]["open"] == owed


@pytest.fixture
def settled(running):
    """The three subtasks' duties as reports of progress that fell due an hour ago: one kept, one
    late, one still open."""
    due = timezone.now() - dt.timedelta(hours=1)
    Deadline.objects.filter(kind="subtask_due").update(
        kind="progress_update", due_at=due, period=due.date()
    )
    kept, late, _open = Deadline.objects.filter(kind="progress_update")
    for row, done_at in ((kept, due), (late, due + dt.timedelta(minutes=9))):
        Deadline.objects.filter(pk=row.pk).update(settled_at=done_at, settled_how="done")
    count_punctuality(timezone.now())
    return Deadline.objects.filter(kind="progress_update")


@pytest.mark.out_of_step
def test_every_rate_opens_exactly_the_duties_behind_it(cast, settled, sign_in):
    text = page(sign_in, cast.director, "department_rates").content.decode()
    links = re.findall(r'href="([^"]*)"><b>(\d+)%</b> <small>(\d+) of (\d+)', text)
    assert len(links) == 3 + 2, "each department with one; all of them this month and this week"
    for link, percent, kept, due in links:
        answer = sign_in(cast.director).get(link.replace("&amp;", "&"))
        rows = answer.context["duties"]
        in_time = [row for row in rows if row.settled_at and row.settled_at <= row.due_at]
        assert (int(due), int(kept)) == (len(rows), len(in_time)), link
        assert int(percent) == int(kept) * 100 // int(due)


@pytest.mark.out_of_step
@pytest.mark.parametrize(("state", "number"), [("", 3), ("kept", 1), ("late", 2), ("overdue", 1)])
def test_duties_can_be_narrowed_to_how_they_were_kept(cast, settled, sign_in, state, number):
    query = {"group": "updates", "state": state}
    assert len(page(sign_in, cast.director, "duty_list", **query).context["duties"]) == number


def test_nobody_sees_duties_of_tasks_that_are_not_theirs(cast, running, sign_in):
    query = {"state": "open"}
    assert page(sign_in, cast.outsider, "duty_list", **query).context["duties"] == []
    theirs = page(sign_in, cast.sales_staff, "duty_list", **query).context["duties"]
    assert {duty.department for duty in theirs} == {cast.sales}
    everything = page(sign_in, cast.records, "duty_list", **query).context["duties"]
    assert {duty.department for duty in everything} == {cast.market, cast.sales, cast.research}


def test_the_pages_of_a_long_list_hold_each_duty_once(cast, running, sign_in, monkeypatch):
    monkeypatch.setattr(duties, "page_along", partial(page_along, size=1))
    browser, seen, link = (
        sign_in(cast.director),
        [],
        reverse("dashboards:duty_list") + "?state=open",
    )
    while link:
        answer = browser.get(link)
        seen += [duty.pk for duty in answer.context["duties"]]
        after = answer.context["after"]
        link = after and reverse("dashboards:duty_list") + f"?state=open&after={after}"
        link = link and link.replace("+", "%2B")
    wanted = Deadline.objects.open().order_by("due_at", "pk").values_list("pk", flat=True)
    assert seen == list(wanted)
    assert len(seen) == 3


@pytest.mark.out_of_step
@pytest.mark.parametrize("name", ["department_rates", "duty_list", "department_work"])
def test_a_page_costs_the_same_with_three_rows_and_with_thirty(cast, running, sign_in, name):
    args = [cast.market.pk] if name == "department_work" else []
    link = reverse(f"dashboards:{name}", args=args) + "?state=open"
    browser = sign_in(cast.director)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            browser.get(link)
        return len(captured)

    few = cost()
    template = Deadline.objects.filter(kind="subtask_due").first()
    for n in range(30):
        department = make_department(f"部门{n}", f"部{n}", cast.market)
        kept(department, week=week_of(timezone.localdate()))
        template.pk, template.subject_id, template.department = None, 10_000 + n, cast.market
        template.save(force_insert=True)
    assert cost() == few <= 16
