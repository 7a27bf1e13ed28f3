"""An owner's week is one screen for all own subtasks (R16)."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import at
from tasks.models import ProgressUpdate, Subtask
from tasks.services import assignment, support
from weekly.services import issuing
from weekly.views import progress as page_of_week

PAGE = reverse("weekly:my_week")
WEEK = dt.date(2024, 10, 7)


@pytest.fixture
def clock(monkeypatch):
    """What the page takes for now; `clock("10-11 17:00")` sets it."""

    def _set(when):
        moment = at(when if when.startswith("20") else f"2024-{when}")
        fake = SimpleNamespace(now=lambda: moment)
        monkeypatch.setattr(page_of_week, "timezone", fake)
        return moment

    _set("10-11 17:00")
    return _set


@pytest.fixture
def subtask(running):
    """渠道铺设 of 专员C: planned 40, 87 and 100 %."""
    return running.subtasks.get(name="渠道铺设")


@pytest.fixture
def owner(sign_in, cast, subtask, clock):
    return sign_in(cast.sales_staff)


def says(subtask, week=WEEK, **fields):
    """What the browser sends of one subtask."""
    return {"week": week.isoformat()} | {
        f"s{subtask.pk}-{name}": value for name, value in fields.items()
    }


def update_of(subtask, week=WEEK):
    return ProgressUpdate.objects.filter(subtask=subtask, week=week).first()


def line_in(response, subtask):
    return next(line for line in response.context["lines"] if line.subtask == subtask)


def promise(running, cast, name, **dates):
    """One more subtask of 专员C, planned like 渠道铺设 where no dates are given."""
    return assignment.take_on_work_item(
        work_item=running.work_items.last(), department=cast.sales, by=cast.sales_head,
        now=at("2024-10-01 09:00"), name=name, goal="20家门店", scope=name, owner=cast.sales_staff,
        **{"start_date": dt.date(2024, 10, 1), "due_date": dt.date(2024, 10, 15)} | dates,
    )  # fmt: skip


# When nothing deviates.


def test_as_planned_is_one_tick_and_one_button(owner, subtask):
    """Without script; with it the button of the same name fills in the figure."""
    html = owner.get(f"{PAGE}?week={WEEK}").content.decode()
    assert "As planned: 87%" in html
    response = owner.post(PAGE, says(subtask, as_planned="on"))
    assert response.status_code == 302
    update = update_of(subtask)
    assert (update.planned, update.actual, update.reason) == (87, 87, "")


def test_all_own_subtasks_are_reported_together(owner, subtask, running, cast):
    other = promise(running, cast, "门店陈列")
    data = says(subtask, as_planned="on") | says(other, actual="85", next_steps="补齐三家门店")
    response = owner.post(PAGE, data, follow=True)
    assert "2 subtasks are reported." in response.content.decode()
    assert (update_of(subtask).actual, update_of(other).actual) == (87, 85)
    assert update_of(other).next_steps == "补齐三家门店"


def test_an_untouched_line_reports_nothing(owner, subtask, running, cast):
    other = promise(running, cast, "门店陈列")
    owner.post(PAGE, says(subtask, as_planned="on") | says(other, actual="", cause="", reason=""))
    assert update_of(other) is None
    response = owner.post(PAGE, {"week": WEEK.isoformat()}, follow=True)
    assert "Nothing was filled in" in response.content.decode()


def test_a_reported_line_is_a_summary_that_can_be_corrected(owner, subtask):
    owner.post(PAGE, says(subtask, actual="60", cause="outside", reason="门店装修"))
    html = owner.get(f"{PAGE}?week={WEEK}").content.decode()
    assert "27% behind" in html
    assert "Outside factors: 门店装修" in html
    assert "<summary>Correct" in html


# When something deviates.


@pytest.mark.parametrize("actual", ["81", "93"])
def test_behind_and_ahead_ask_for_a_cause_and_keep_every_row_typed(
    owner, subtask, running, cast, actual
):
    other = promise(running, cast, "门店陈列")
    data = says(subtask, actual=actual) | says(other, actual="86", next_steps="补齐三家门店")
    response = owner.post(PAGE, data)
    assert response.status_code == 422
    line = line_in(response, subtask)
    assert set(line.form.errors) == {"cause"}
    assert line_in(response, other).form["next_steps"].value() == "补齐三家门店"
    assert not ProgressUpdate.objects.exists(), "all or none"
    cause = "easier" if actual == "93" else "outside"
    data |= says(subtask, cause=cause, reason="门店很配合")
    assert owner.post(PAGE, data).status_code == 302
    assert update_of(subtask).reason == "门店很配合"


def test_what_is_wrong_in_several_rows_is_said_at_once(owner, subtask, running, cast):
    other = promise(running, cast, "门店陈列")
    response = owner.post(PAGE, says(subtask, actual="60") | says(other, actual="101"))
    assert set(line_in(response, subtask).form.errors) == {"cause"}
    assert set(line_in(response, other).form.errors) == {"actual"}
    assert not ProgressUpdate.objects.exists()


def test_less_than_the_last_time_says_why(owner, subtask, clock):
    clock("10-04 17:00")
    first = dt.date(2024, 9, 30)
    data = says(subtask, first, actual="90", cause="easier", reason="提前")
    assert owner.post(PAGE, data).status_code == 302
    clock("10-11 17:00")
    response = owner.post(PAGE, says(subtask, as_planned="on"))
    assert set(line_in(response, subtask).form.errors) == {"cause"}
    assert owner.post(PAGE, says(subtask, as_planned="on", cause="quality", reason="返工")).url


def test_a_broken_promise_is_the_first_cause_and_gives_the_sentence(owner, subtask, cast):
    request = support.ask_support(
        subtask=subtask, department=cast.market, by=cast.sales_head, what="海报设计稿",
        needed_by=dt.date(2024, 10, 8), now=at("2024-10-02 09:00"),
    )  # fmt: skip
    support.answer_support(
        request=request, answer="accepted", by=cast.market_head, now=at("2024-10-02 10:00")
    )
    html = owner.get(f"{PAGE}?week={WEEK}").content.decode()
    options = re.findall(r'<option value="([^"]*)"', html)
    assert options[:2] == ["", f"promise:{request.pk}"]
    owner.post(PAGE, says(subtask, actual="60", cause=f"promise:{request.pk}"))
    update = update_of(subtask)
    assert update.waits_for == request
    assert "海报设计稿" in update.reason


def test_a_cause_that_waited_for_a_promise_kept_since_stands_as_it_was(owner, subtask, cast):
    request = support.ask_support(
        subtask=subtask, department=cast.market, by=cast.sales_head, what="海报设计稿",
        needed_by=dt.date(2024, 10, 8), now=at("2024-10-02 09:00"),
    )  # fmt: skip
    support.answer_support(
        request=request, answer="accepted", by=cast.market_head, now=at("2024-10-02 10:00")
    )
    owner.post(PAGE, says(subtask, actual="60", cause=f"promise:{request.pk}"))
    request.refresh_from_db()
    support.deliver_support(request=request, by=cast.market_head, now=at("2024-10-11 17:30"))
    form = line_in(owner.get(f"{PAGE}?week={WEEK}"), subtask).form
    assert form["cause"].value() in dict(dict(form.fields["cause"].choices)["Promises not kept"])


# Bad input.


@pytest.mark.parametrize("typed", ["101", "-1", "fast fertig", "8 7", "9" * 30, "87.5", "\x00"])
def test_what_is_no_percent_is_said_at_its_field(owner, subtask, typed):
    response = owner.post(PAGE, says(subtask, actual=typed, reason="x", cause="other"))
    assert response.status_code == 422
    assert "actual" in line_in(response, subtask).form.errors
    assert update_of(subtask) is None


def test_words_without_a_figure_ask_for_the_figure(owner, subtask):
    response = owner.post(PAGE, says(subtask, reason="门店装修"))
    assert set(line_in(response, subtask).form.errors) == {"actual"}


def test_as_planned_and_another_figure_contradict_each_other(owner, subtask):
    response = owner.post(PAGE, says(subtask, as_planned="on", actual="60"))
    assert set(line_in(response, subtask).form.errors) == {"actual"}


def test_a_reason_of_300_kilobytes_is_refused_in_words(owner, subtask):
    response = owner.post(PAGE, says(subtask, actual="60", cause="other", reason="字" * 100_000))
    assert response.status_code == 422
    assert "reason" in line_in(response, subtask).form.errors


def test_a_cause_that_is_none_of_those_offered_is_refused(owner, subtask):
    for cause in ("mood", "promise:999", "promise:x"):
        response = owner.post(PAGE, says(subtask, actual="60", cause=cause, reason="x"))
        assert "cause" in line_in(response, subtask).form.errors


@pytest.mark.parametrize(
    "week",
    ["nonsense", "2024-13-01", "0001-01-01", "9999-12-31", "2024-W41", "", "\x00", "1" * 999],
)
def test_a_week_that_is_none_shows_one_that_is(owner, week):
    response = owner.get(PAGE, {"week": week})
    assert response.status_code == 200
    assert dt.date(2024, 9, 23) <= response.context["week"].monday <= WEEK


# Weeks.


def test_without_an_address_the_oldest_owed_week_opens_and_the_others_are_links(owner, subtask):
    response = owner.get(PAGE)
    assert response.context["week"].monday == dt.date(2024, 9, 30)
    assert 'href="?week=2024-10-07"' in response.content.decode()


def test_a_report_that_is_out_asks_why_a_figure_is_corrected(owner, subtask, running, cast, clock):
    owner.post(PAGE, says(subtask, actual="87"))
    now = clock("10-14 13:00")
    issuing.send_weekly_sync(
        task=running, by=cast.market_head, now=now, week=WEEK, summary="按计划推进", needs=[]
    )
    data = says(subtask, actual="85", version="1")
    response = owner.post(PAGE, data)
    assert set(line_in(response, subtask).form.errors) == {"correction"}
    assert owner.post(PAGE, data | says(subtask, correction="漏报一家门店")).status_code == 302
    assert update_of(subtask).actual == 85


def test_an_update_for_a_week_that_was_issued_is_late_input_and_needs_no_more_words(
    owner, subtask, running, cast, clock
):
    now = clock("10-14 13:00")
    issuing.send_weekly_sync(
        task=running, by=cast.market_head, now=now, week=WEEK, summary="按计划推进", needs=[]
    )
    assert "correction" not in line_in(owner.get(f"{PAGE}?week={WEEK}"), subtask).form.fields
    assert owner.post(PAGE, says(subtask, as_planned="on")).status_code == 302
    assert running.weekly_syncs.get(week=WEEK).issue_at == at("2024-10-14 13:30")


def test_a_subtask_born_mid_week_owes_that_week(owner, running, cast, clock):
    clock("10-25 17:00")
    days = {"start_date": dt.date(2024, 10, 17), "due_date": dt.date(2024, 10, 30)}
    born = promise(running, cast, "补充铺设", **days)
    assert born not in [line.subtask for line in owner.get(f"{PAGE}?week={WEEK}").context["lines"]]
    line = line_in(owner.get(f"{PAGE}?week=2024-10-14"), born)
    assert line.planned == 29, "4 of 14 days"


def test_a_start_on_a_sunday_owes_the_week_of_that_sunday(owner, running, cast):
    born = promise(running, cast, "补充铺设", start_date=dt.date(2024, 10, 6))
    assert line_in(owner.get(f"{PAGE}?week=2024-09-30"), born).planned == 10, "1 of 10 days"


def test_week_53_is_a_week_like_any_other(owner, running, cast, clock, subtask):
    assignment.edit_subtask(
        subtask=subtask, by=cast.sales_head, now=at("2024-10-03 09:00"), version=1,
        reason="延至明年", due_date=dt.date(2027, 1, 31),
    )  # fmt: skip
    clock("2027-01-01 12:00")
    week = dt.date(2026, 12, 28)
    assert week.isocalendar().week == 53
    data = says(subtask, week, actual="95", cause="other", reason="年末")
    assert owner.post(PAGE, data).status_code == 302
    assert update_of(subtask, week).actual == 95
    assert owner.get(f"{PAGE}?week=2027-01-01").context["week"].monday == week


@pytest.mark.parametrize("what", ["cancelled", "reassigned", "finished"])
def test_what_was_taken_away_mid_week_is_said_and_the_rest_is_reported(
    owner, subtask, running, cast, what
):
    other = promise(running, cast, "门店陈列")
    about = {"subtask": subtask, "by": cast.sales_head, "now": at("2024-10-09 09:00")}
    if what == "cancelled":
        assignment.cancel_subtask(**about, reason="渠道取消")
    elif what == "finished":
        assignment.finish_subtask(**about)
    else:
        assignment.edit_subtask(**about, version=1, reason="换人", owner=cast.sales_head)
    data = says(subtask, actual="87") | says(other, as_planned="on")
    response = owner.post(PAGE, data, follow=True)
    html = response.content.decode()
    assert "no longer yours or no longer open: 渠道铺设." in html
    assert update_of(subtask) is None
    assert update_of(other).actual == 87


def test_reassigned_mid_week_the_week_is_the_new_owners(sign_in, subtask, cast, clock):
    assignment.edit_subtask(
        subtask=subtask, by=cast.sales_head, now=at("2024-10-09 09:00"), version=1,
        reason="换人", owner=cast.sales_head,
    )  # fmt: skip
    assert sign_in(cast.sales_staff).get(PAGE).context["lines"] == []
    browser = sign_in(cast.sales_head)
    assert browser.post(PAGE, says(subtask, as_planned="on")).status_code == 302
    assert update_of(subtask).reported_by == cast.sales_head


# Two people.


def test_a_head_and_an_owner_at_once_are_shown_who_reported_what(client, subtask, cast, clock):
    client.force_login(cast.sales_head)
    page = f"{PAGE}?subtask={subtask.pk}"
    client.post(page, says(subtask, actual="85"))
    client.force_login(cast.sales_staff)
    response = client.post(PAGE, says(subtask, actual="88", next_steps="补齐三家门店"))
    assert response.status_code == 422
    line = line_in(response, subtask)
    assert line.conflict
    html = response.content.decode()
    assert "主管G" in html
    assert "85%" in html
    assert update_of(subtask).actual == 85
    version = line.form["version"].value()
    data = says(subtask, actual="88", next_steps="补齐三家门店", version=version)
    assert client.post(PAGE, data).status_code == 302
    assert update_of(subtask).actual == 88


def test_what_another_corrects_meanwhile_is_no_change_of_whoever_left_it_alone(
    client, subtask, running, cast, clock
):
    other = promise(running, cast, "门店陈列")
    client.force_login(cast.sales_staff)
    client.post(PAGE, says(subtask, actual="85"))
    html = client.get(f"{PAGE}?week={WEEK}").content.decode()
    opened = dict(re.findall(r'name="([^"]*s\d+-[^"]*)"[^>]*value="([^"]*)"', html))
    assert opened[f"initial-s{subtask.pk}-actual"] == "85"
    opened.pop(f"s{subtask.pk}-as_planned", None)
    opened.pop(f"s{other.pk}-as_planned", None)
    client.force_login(cast.sales_head)
    correction = says(subtask, actual="88", version="1")
    assert client.post(f"{PAGE}?subtask={subtask.pk}", correction).status_code == 302
    client.force_login(cast.sales_staff)
    response = client.post(PAGE, opened | says(other, actual="87"))
    assert response.status_code == 302
    assert (update_of(subtask).actual, update_of(other).actual) == (88, 87)


def test_the_same_form_sent_twice_reports_once(owner, subtask):
    once = re.search(r'name="once" value="([^"]*)"', owner.get(PAGE).content.decode())[1]
    data = says(subtask, as_planned="on") | {"once": once}
    assert [owner.post(PAGE, data).status_code for _ in range(2)] == [302, 302]
    assert update_of(subtask).version == 1


# R29.


def test_anothers_subtask_shows_nothing_and_takes_nothing(sign_in, subtask, cast, clock):
    for person in (cast.market_staff, cast.market_head, cast.director, cast.outsider, cast.admin):
        browser = sign_in(person)
        for asked in (f"{PAGE}?subtask={subtask.pk}&week={WEEK}", f"{PAGE}?week={WEEK}"):
            lines = browser.get(asked).context["lines"]
            assert subtask not in [line.subtask for line in lines]
            browser.post(asked, says(subtask, actual="87"))
    assert update_of(subtask) is None


def test_nobody_learns_the_name_of_what_is_not_theirs_to_see(sign_in, subtask, cast, clock):
    response = sign_in(cast.outsider).post(PAGE, says(subtask, actual="87"), follow=True)
    assert "渠道铺设" not in response.content.decode()


def test_the_head_reports_on_behalf_of_the_owner_and_stays_there(sign_in, subtask, cast, clock):
    page = f"{PAGE}?subtask={subtask.pk}"
    browser = sign_in(cast.sales_head)
    assert "The week of 专员C" in browser.get(page).content.decode()
    response = browser.post(page, says(subtask, as_planned="on"))
    assert response.url == f"{PAGE}?week=2024-10-07&subtask={subtask.pk}"
    assert update_of(subtask).reported_by == cast.sales_head


@pytest.mark.parametrize("asked", ["x", "0", "-1", "9" * 30, "1 or 1=1", "\x00"])
def test_a_subtask_that_is_none_shows_an_empty_or_the_own_week(owner, asked):
    assert owner.get(PAGE, {"subtask": asked}).status_code == 200


def test_thirty_subtasks_cost_what_three_cost(owner, running, cast):
    """Person, session, organisation, bell; subtasks with plans, reports, support, seats; issued."""
    counts = []
    for number in (3, 30):
        while Subtask.objects.filter(owner=cast.sales_staff).count() < number:
            promise(running, cast, f"门店{Subtask.objects.count()}")
        with CaptureQueriesContext(connection) as captured:
            assert len(owner.get(f"{PAGE}?week={WEEK}").context["lines"]) == number
        counts.append(len(captured))
    assert counts == [12, 12], captured.captured_queries


def test_nothing_to_report_is_said(sign_in, cast, clock):
    html = sign_in(cast.finance_head).get(PAGE).content.decode()
    assert "Nothing to report in this week" in html
