"""The bell: what everybody was told, whatever became of its mail."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from audit import history
from conftest import at
from deadlines import kinds
from deadlines.delivery import deliver
from deadlines.models import Deadline, Message, Notice, Reminder
from deadlines.services import tell
from deadlines.sweep import sweep
from deadlines.tests.conftest import DAY, DUE, HOUR
from tasks.models import TaskMember

State = Message.State
BELL = reverse("deadlines:notification_list")
SEEN = reverse("deadlines:notifications_seen")
PROFILE = reverse("accounts:profile")


@pytest.fixture
def client(client):
    """Reads English."""
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def reminded(owe, cast):
    """专员C is told of 宣传海报 when it is due."""
    owe()
    sweep(DUE)
    return Message.objects.get()


@pytest.fixture
def change(running, cast):
    """`change(person)` tells of a changed subtask, and gives the message."""
    Message.objects.all().update(seen_at=DUE)

    def _change(person=cast.sales_staff, now=DUE):
        subtask = running.subtasks.get(name="市场调研")
        event = history.record(
            subtask,
            "subtask.edited",
            by=cast.market_head,
            now=now,
            changes={"goal": ("旧目标", "新目标")},
            reason="董事会决定",
        )
        tell(event=event, people=[person], link="/tasks/1/", now=now, task=running)
        return Message.objects.get(created_at=now, recipient=person)

    return _change


def page_of(browser, address=BELL, **query):
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_bell_says_on_every_page_how_much_is_new(sign_in, cast, reminded):
    browser = sign_in(cast.sales_staff)
    assert 'aria-label="1 new notification"' in page_of(browser, PROFILE)
    Message.objects.update(seen_at=DUE)
    assert 'aria-label="Notifications"' in page_of(browser, PROFILE)


def test_the_bell_counts_no_further_than_it_shows(sign_in, cast):
    new = [Message(recipient=cast.admin, created_at=DUE, next_attempt_at=DUE) for _ in range(120)]
    Message.objects.bulk_create(new)
    page = page_of(sign_in(cast.admin), PROFILE)
    assert 'aria-label="More than 99 new notifications"' in page
    assert ">99+<" in page
    Message.objects.filter(pk__lte=Message.objects.order_by("pk")[20].pk).delete()
    assert 'aria-label="99 new notifications"' in page_of(sign_in(cast.admin), PROFILE)


def test_the_bell_costs_one_statement_and_nobody_signed_in_none(client, cast):
    def asked(address):
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return [q for q in queries.captured_queries if "seen_at" in q["sql"]]

    assert asked("/sign-in/") == []
    client.force_login(cast.sales_staff)
    assert len(asked(PROFILE)) == 1


def test_a_duty_says_what_for_which_task_by_when_how_that_is_computed_and_why(
    sign_in, cast, running
):
    owed = Deadline.objects.open().get(owner=cast.sales_staff, kind="subtask_due")
    sweep(owed.due_at - DAY)
    page = page_of(sign_in(cast.sales_staff))
    for words in (
        "Finish the subtask: 渠道铺设",
        str(running),
        "15 Oct, 23:59",
        "the last second of 15 Oct 2024",
        "Why did I get this?",
        "You are the responsible person.",
        f'href="{owed.link}"',
    ):
        assert words in page


def test_a_change_says_who_changed_what_from_what_to_what_and_why(sign_in, cast, running, change):
    change()
    page = page_of(sign_in(cast.sales_staff), show="new")
    for words in ("经理D changed 市场调研", "旧目标", "新目标", "董事会决定", str(running)):
        assert words in page
    assert "You are named in the task." in page


def test_each_duty_shows_where_it_stands_today(sign_in, cast, owe, reminded):
    browser = sign_in(cast.sales_staff)
    assert "late</span>" in page_of(browser)
    Deadline.objects.update(settled_at=DUE, settled_how="done", next_at=None)
    page = page_of(browser)
    assert "done</span>" in page
    assert "late</span>" not in page
    ahead = timezone.now() + 3 * DAY
    Deadline.objects.update(settled_at=None, settled_how="", due_at=ahead)
    assert "left</span>" in page_of(browser)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "sent", "sent_at": DUE, "next_attempt_at": None}, "Mailed 15 Oct, 18:00"),
        ({}, "The mail is on its way"),
        (
            {"next_attempt_at": at("2099-10-16 07:00")},
            "Your quiet hours hold the mail back until 16 Oct, 07:00",
        ),
        (
            {"next_attempt_at": at("2099-10-16 07:00"), "attempts": 2},
            "The mail was not taken yet; it is tried again 16 Oct, 07:00",
        ),
        ({"state": "failed", "next_attempt_at": None}, "The mail could not be sent"),
        (
            {"state": "cancelled", "next_attempt_at": None, "last_error": "switched_off"},
            "Not mailed: you want no mail about changes",
        ),
        (
            {"state": "cancelled", "next_attempt_at": None, "last_error": "no_address"},
            "Not mailed: you have no mail address here",
        ),
    ],
)
def test_the_same_stands_under_the_bell_whatever_became_of_the_mail(
    sign_in, cast, reminded, values, words
):
    Message.objects.update(**values)
    page = page_of(sign_in(cast.sales_staff))
    assert words in page
    assert "宣传海报" in page


def test_what_is_held_back_by_quiet_hours_is_under_the_bell_at_once(sign_in, cast, owe):
    cast.sales_staff.quiet_from, cast.sales_staff.quiet_until = dt.time(17), dt.time(20)
    cast.sales_staff.save()
    owe(cast.sales_staff, due_at=DUE + DAY)
    sweep(DUE)
    deliver(clock=lambda: DUE)
    message = Message.objects.get()
    assert message.state == State.QUEUED
    assert "宣传海报" in page_of(sign_in(cast.sales_staff))


def test_what_joins_a_mail_that_was_seen_already_is_new(sign_in, cast, owe):
    """Quiet hours: the mail has not left, the second reminder goes with it."""
    cast.sales_staff.quiet_from, cast.sales_staff.quiet_until = dt.time(17), dt.time(20)
    cast.sales_staff.save()
    owe(cast.sales_staff, due_at=DUE + DAY)
    owe(cast.sales_staff, due_at=DUE + DAY + HOUR, what="门店物料")
    sweep(DUE)
    browser = sign_in(cast.sales_staff)
    browser.post(SEEN)
    sweep(DUE + HOUR)
    message = Message.objects.get()
    assert message.reminders.count() == 2
    assert message.seen_at is None


def test_opening_the_page_marks_nothing_and_sending_its_form_marks_what_it_shows(
    sign_in, cast, owe
):
    """The script sends the form when the page is open; no GET changes anything."""
    for day in range(25):
        owe(cast.sales_staff, due_at=DUE + day * DAY)
        sweep(DUE + day * DAY)
    mine = Message.objects.not_seen_by(cast.sales_staff)
    total = mine.count()
    browser = sign_in(cast.sales_staff)
    shown = browser.get(BELL).context["new"]
    assert mine.count() == total
    assert len(shown) == 20
    answer = browser.post(SEEN, {"message": shown}, headers={"HX-Request": "true"})
    assert f'aria-label="{total - 20} new notifications"' in answer.content.decode()
    assert not mine.filter(pk__in=shown).exists()
    assert mine.count() == total - 20


def test_without_script_a_button_marks_all_as_seen(sign_in, cast, reminded):
    browser = sign_in(cast.sales_staff)
    assert "Mark all as seen" in page_of(browser)
    answer = browser.post(SEEN, follow=True)
    assert answer.redirect_chain == [(BELL, 302)]
    reminded.refresh_from_db()
    assert reminded.seen_at
    assert "Mark all as seen" not in answer.content.decode()


def test_nobody_marks_or_reads_what_another_was_told(sign_in, cast, reminded):
    browser = sign_in(cast.market_head)
    browser.post(SEEN, {"message": [reminded.pk, "x", "9" * 30]})
    reminded.refresh_from_db()
    assert reminded.seen_at is None
    assert "宣传海报" not in page_of(browser)
    address = reverse("deadlines:notification_detail", args=[reminded.pk])
    assert browser.get(address).status_code == 404


def test_what_the_person_may_no_longer_see_is_not_shown(sign_in, cast, running, change):
    """R29, asked anew each time: 专员C has left the task."""
    message = change()
    browser = sign_in(cast.sales_staff)
    detail = reverse("deadlines:notification_detail", args=[message.pk])
    assert "新目标" in page_of(browser) + page_of(browser, detail)
    Membership.objects.filter(user=cast.sales_staff).delete()
    TaskMember.objects.filter(user=cast.sales_staff).delete()
    for page in (page_of(browser), page_of(browser, detail)):
        assert "新目标" not in page
        assert running.title not in page
        assert "You may no longer see what this was about." in page


def test_the_tabs_show_what_is_new_duties_or_changes(sign_in, cast, owe, change):
    change()
    owe(cast.sales_staff, what="宣传海报")
    sweep(DUE + HOUR)
    browser = sign_in(cast.sales_staff)
    changed, owed = "changed 市场调研", "宣传海报"
    found = {show: page_of(browser, show=show) for show in ("", "new", "duties", "changes", "x")}
    assert {show for show, page in found.items() if changed in page} == {"", "new", "changes", "x"}
    assert {show for show, page in found.items() if owed in page} == {"", "new", "duties", "x"}
    browser.post(SEEN)
    assert "Nothing here" in page_of(browser, show="new")


@pytest.mark.parametrize("show", ["", "new", "duties", "changes"])
def test_each_tab_goes_on_below(show, sign_in, cast, change, owe):
    for hour in range(25):
        change(now=DUE + hour * HOUR)
        owe(cast.sales_staff, due_at=DUE + hour * HOUR)
        sweep(DUE + hour * HOUR + HOUR / 2)
    browser, found, before = sign_in(cast.sales_staff), [], ""
    while before is not None:
        answer = browser.get(BELL, {"show": show, "before": before})
        found += [n.message.pk for n in answer.context["notifications"]]
        before = answer.context["before"]
    assert len(found) >= 25
    assert found == sorted(set(found), reverse=True)


def test_a_message_that_tells_much_shows_its_first_and_leads_to_the_rest(sign_in, cast, owe):
    for number in range(70):
        owe(cast.sales_staff, what=f"第{number}项")
    sweep(DUE)
    message = Message.objects.get(recipient=cast.sales_staff)
    browser = sign_in(cast.sales_staff)
    page = page_of(browser)
    assert page.count("第") == 5
    detail = reverse("deadlines:notification_detail", args=[message.pk])
    assert f'href="{detail}"' in page
    first = browser.get(detail)
    second = browser.get(detail, {"before": first.context["before"]})
    shown = [duty.deadline.what for a in (first, second) for duty in a.context["duties"]]
    assert len(shown) == len(set(shown)) == 70


@pytest.mark.parametrize("show", ["", "new", "duties", "changes"])
def test_the_page_costs_the_same_for_3_and_for_20_messages(show, sign_in, cast, change, owe):
    """Session, person, organisation, standing, the bell, the bar; messages, duties, changes,
    tasks that may be seen.
    """
    client, counts = sign_in(cast.sales_staff), []
    for rows in (3, 17):
        for _row in range(rows):
            now = DUE + 2 * HOUR * Notice.objects.count()
            change(now=now)
            owe(cast.sales_staff, due_at=now + HOUR)
            sweep(now + HOUR)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(BELL, {"show": show}).status_code == 200
        counts.append(len(queries))
    assert Reminder.objects.filter(recipient=cast.sales_staff).count() >= 20
    assert counts[0] == counts[1] <= 17


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ("market_head", "You have initiated the task."),
        ("sales_head", "You head 销售部, which takes part in the task."),
        ("research_contact", "You act for 研发部 in the task."),
        ("market_staff", "You are named in the task."),
        ("director", "You are the senior manager above 市场部."),
    ],
)
def test_a_change_says_what_ones_part_in_the_task_is(cast, running, person, why):
    assert kinds.parts_in(getattr(cast, person), {running.pk}) == {running.pk: why}
