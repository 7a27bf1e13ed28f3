"""Who was told when, how, and who is told next; the one button of whoever was told (R20)."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event
from conftest import give_head, make_department, make_person
from deadlines.delivery import deliver
from deadlines.models import Message
from deadlines.sweep import sweep
from issues.services import escalation, recording, solving
from issues.services.reporting import report_issue
from issues.tests.conftest import answer, fresh, record, solve

HOUR = dt.timedelta(hours=1)
CLICK = "I have seen it"


@pytest.fixture
def now():
    """The pages read the clock: what happens here happens today."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def line(cast):
    """总裁P stands above 总监A."""
    cast.group = make_department("集团总部", "集团")
    cast.president = make_person("总裁P", cast.group)
    give_head(cast.group, cast.president)
    cast.board.parent = cast.group
    cast.board.save()
    return cast


@pytest.fixture
def reported(line, running, now):
    """Reported two hours ago to 经理D and 总监A."""
    at = now - 2 * HOUR
    return report_issue(issue=new_issue(line, running, at), by=line.market_staff, now=at)


def new_issue(line, task, now, **changes):
    occurred = {"occurred_at": now - HOUR, "next_date": now.date() + dt.timedelta(days=2)}
    return record(line, task, now=now, **(occurred | changes))


def page(browser, issue):
    return " ".join(browser.get(issue.get_absolute_url()).text.split())


def button(issue, person):
    return issue.escalations.get(person=person).get_absolute_url()


# The page of the issue ---------------------------------------------------------------------------


def test_the_page_says_who_was_told_when_and_who_is_next(line, reported, sign_in):
    text = page(sign_in(line.sales_staff), reported)
    for words in ("经理D", "Head of the initiating department", "总监A", "Senior manager"):
        assert words in text
    assert text.count("mail waiting") == text.count("under the bell, not seen yet") == 2
    assert text.count("21 hours 5") >= 2
    assert "总裁P (集团总部) is told next." in text
    assert CLICK not in text


def test_after_the_grace_time_the_page_says_why_the_next_one_was_told(line, reported, sign_in):
    escalation.pass_up(timezone.now() + 23 * HOUR)
    text = page(sign_in(line.sales_staff), reported)
    assert "Nobody acknowledged in time" in text
    assert "Next superior" in text
    assert "Nobody is left above them" in text


def test_the_page_says_what_became_of_each_mail(line, reported, sign_in, monkeypatch):
    line.market_head.email = ""
    line.market_head.save()
    deliver()
    text = page(sign_in(line.sales_staff), reported)
    assert "mail sent" in text
    assert "not mailed: The person has no mail address." in text
    Message.objects.filter(recipient=line.director).update(
        state="failed", sent_at=None, last_error="550 总监A@example.com", seen_at=timezone.now()
    )
    text = page(sign_in(line.sales_staff), reported)
    assert "mail failed" in text
    assert "seen under the bell" in text
    # What the mail server said is for administrators.
    assert "550 总监A" not in text


def test_the_page_counts_the_reminders_of_each(line, reported, now, sign_in):
    for hours in (18, 21):
        sweep(now + hours * HOUR)
    assert page(sign_in(line.sales_staff), reported).count("reminded 2 times") == 2


def test_steps_that_came_in_one_mail_reminded_once(line, reported, now, sign_in):
    sweep(now + 23.5 * HOUR)
    assert page(sign_in(line.sales_staff), reported).count("reminded once") == 2


def test_an_acknowledgement_with_its_note_stands_on_the_page(line, reported, sign_in):
    sign_in(line.director).post(button(reported, line.director), {"note": "明早<b>开会"})
    text = page(sign_in(line.sales_staff), reported)
    assert "明早&lt;b&gt;开会" in text
    assert "nobody further up is told" in text
    assert "is told next" not in text


def test_once_it_is_closed_the_page_keeps_who_was_told(line, reported, sign_in):
    tomorrow = timezone.now().date() + dt.timedelta(days=1)
    issue = answer(line, solve(line, reported, due_date=tomorrow))
    solving.close_issue(issue=issue, by=line.market_head, now=timezone.now())
    browser = sign_in(line.director)
    text = page(browser, issue)
    assert text.count("No longer needed") == 2
    assert CLICK not in text
    assert browser.get(button(issue, line.director)).url == issue.get_absolute_url()


def test_a_general_issue_shows_nothing_of_it(line, running, reported, now, sign_in):
    heading = "Report and acknowledgement"
    assert heading in page(sign_in(line.director), reported)
    general = new_issue(line, running, now, needs_other_departments=False)
    assert heading not in page(sign_in(line.director), general)
    recording.grade_issue(
        issue=reported,
        by=line.market_staff,
        now=now,
        version=fresh(reported).version,
        needs_other_departments=False,
        affects_finish=False,
        reason="部门内可解决",
    )
    assert heading not in page(sign_in(line.director), reported)


def test_a_report_that_told_nobody_says_so(line, running, now, sign_in):
    line.market.head = line.market.parent = None
    line.market.save()
    issue = new_issue(line, running, now)
    report_issue(issue=issue, by=line.market_staff, now=now)
    assert "nobody was told" in page(sign_in(line.market_staff), issue)


# Before it is too late ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "edit/", "grade/", "solve/", "report/", "attempts/new/"])
def test_every_page_of_an_unreported_issue_says_by_when(line, running, now, sign_in, name):
    issue = new_issue(line, running, now)
    text = sign_in(line.market_head).get(issue.get_absolute_url() + name).text
    assert "22 hours 5" in text


def test_recording_and_grading_say_by_when_it_must_be_reported(line, running, now, sign_in):
    issue = new_issue(line, running, now, needs_other_departments=False)
    answers = {"needs_other_departments": "yes", "affects_finish": "no", "reason": "需销售部支持"}
    browser, address = sign_in(line.market_staff), issue.get_absolute_url() + "grade/"
    text = browser.post(address, answers | {"version": 1}, follow=True).text
    assert "minutes left." in text
    assert text.count("22 hours 5") == 2


# The one button ----------------------------------------------------------------------------------


def test_one_click_on_the_page_of_the_issue_acknowledges(line, reported, sign_in):
    browser = sign_in(line.director)
    text = page(browser, reported)
    assert CLICK in text
    assert f'action="{button(reported, line.director)}"' in text
    answered = browser.post(button(reported, line.director), follow=True)
    assert answered.redirect_chain == [(reported.get_absolute_url(), 302)]
    assert "Thank you." in answered.text
    assert CLICK not in page(browser, reported)


def test_the_address_in_the_mail_shows_one_button_and_changes_nothing(line, reported, sign_in):
    browser, address = sign_in(line.director), button(reported, line.director)
    assert CLICK in browser.get(address).text
    browser.get(address)
    assert not Event.objects.filter(action="issue.acknowledged").exists()
    browser.post(address, {"note": ""})
    assert reported.escalations.get(person=line.director).acknowledged_at


def test_a_second_click_is_told_kindly(line, reported, sign_in):
    browser, address = sign_in(line.director), button(reported, line.director)
    browser.post(address)
    for answered in (browser.post(address, follow=True), browser.get(address, follow=True)):
        assert answered.redirect_chain == [(reported.get_absolute_url(), 302)]
        assert "You have acknowledged this already." in answered.text
    assert Event.objects.filter(action="issue.acknowledged").count() == 1


# In the order of PEOPLE; the button is that of 总监A.
PEOPLE = ("director", "market_head", "market_staff", "sales_head", "president", "outsider", "admin")
ANSWERS = (200, 403, 403, 403, 403, 404, 404)


def test_who_opens_and_who_presses_the_button_of_another(line, reported, sign_in):
    address = button(reported, line.director)
    opened = tuple(sign_in(getattr(line, p)).get(address).status_code for p in PEOPLE)
    assert opened == ANSWERS
    for person, status in list(zip(PEOPLE, ANSWERS, strict=True))[1:]:
        assert sign_in(getattr(line, person)).post(address).status_code == status
    assert not Event.objects.filter(action="issue.acknowledged").exists()


@pytest.mark.parametrize("note", ["长" * 1001, "空\x00字"])
def test_a_note_that_cannot_be_kept_is_given_back(line, reported, sign_in, note):
    answered = sign_in(line.director).post(button(reported, line.director), {"note": note})
    assert answered.status_code == 422
    assert not reported.escalations.get(person=line.director).acknowledged_at


# What it costs -----------------------------------------------------------------------------------


def queries(browser, address):
    browser.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert browser.get(address).status_code == 200
    return len(caught)


def test_the_page_costs_the_same_however_many_were_told(line, reported, now, sign_in):
    browser, address = sign_in(line.director), reported.get_absolute_url()
    solve(line, reported, due_date=now.date() + dt.timedelta(days=1))
    few = queries(browser, address)
    above = line.group
    for number in range(2):
        above.parent = make_department(f"上级{number}", f"上级{number}")
        above.save()
        above = above.parent
        give_head(above, make_person(f"上级{number}", above))
    for day in range(1, 4):
        escalation.pass_up(now + day * 25 * HOUR)
        sweep(now + day * 25 * HOUR)
    assert reported.escalations.count() == 5
    assert queries(browser, address) == few <= 20
    assert queries(browser, button(reported, line.director)) <= 20
