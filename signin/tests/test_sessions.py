"""Where one is signed in: seen, and ended one by one or all others at once."""

import datetime as dt

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.services.people import deactivate_person, set_password
from audit.models import Event
from conftest import PASSWORD
from signin.devices import device_in_words
from signin.jobs import clear_sessions
from signin.middleware import SEEN
from signin.models import SignedIn

PAGE = "/profile/security/"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


def come(agent=CHROME, address="10.0.0.9") -> Client:
    browser = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    words = {"username": "会计K", "password": PASSWORD}
    assert browser.post("/sign-in/", words).status_code == 302
    return browser


def is_in(browser) -> bool:
    return browser.get("/people/").status_code == 200


def test_each_browser_stands_there_with_device_address_and_times(cast):
    come("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) MicroMessenger/8.0 Safari/604.1", "10.0.0.1")
    page = come().get(PAGE)
    here, other = page.context["sessions"]
    assert (here.device_words, here.address) == ("Chrome on Windows", "10.0.0.9")
    assert (other.device_words, other.address) == ("WeChat on iPhone", "10.0.0.1")
    assert page.content.decode().count("this one") == 1


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("", "Unknown browser"),
        ("curl/8", "Unknown browser"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/18 Safari/605", "Safari on macOS"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 DingTalk/7.0", "DingTalk on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130 Safari/537 Edg/130", "Edge on Windows"),
    ],
)
def test_devices_in_words(agent, words):
    assert device_in_words(agent) == words


def test_ending_one_session_ends_that_one(cast):
    other, here = come(), come()
    row = next(s for s in here.get(PAGE).context["sessions"] if s.session_id != key_of(here))
    assert here.post(f"{PAGE}sessions/{row.pk}/end/").status_code == 302
    assert is_in(here)
    assert not is_in(other)
    assert Event.objects.about(cast.outsider).first().action == "person.session_ended"


def test_ending_all_others_leaves_this_one_and_the_other_people(cast, sign_in):
    others, here = [come(), come()], come()
    somebody_else = sign_in(cast.sales_head)
    here.post(f"{PAGE}sessions/end-others/")
    assert is_in(here)
    assert is_in(somebody_else)
    assert not any(is_in(other) for other in others)
    assert len(here.get(PAGE).context["sessions"]) == 1


def test_nobody_ends_the_session_of_another(cast, sign_in):
    mine = come()
    row = SignedIn.objects.get()
    assert sign_in(cast.admin).post(f"{PAGE}sessions/{row.pk}/end/").status_code == 404
    assert is_in(mine)


def test_a_session_that_a_new_password_has_ended_is_not_shown(cast):
    come()
    set_password(person=cast.outsider, by=cast.admin, now=timezone.now(), password=PASSWORD + "x")
    assert SignedIn.objects.count() == 1
    browser = Client()
    browser.post("/sign-in/", {"username": "会计K", "password": PASSWORD + "x"})
    assert len(browser.get(PAGE).context["sessions"]) == 1


def test_changing_my_password_keeps_this_session_in_the_list(cast):
    come()
    here = come()
    new = {
        "old_password": PASSWORD,
        "new_password1": "Neu-2024-abc",
        "new_password2": "Neu-2024-abc",
    }
    assert here.post("/profile/password/", new).status_code == 302
    (row,) = here.get(PAGE).context["sessions"]
    assert row.session_id == key_of(here)
    assert row.device_words == "Chrome on Windows"


def test_signing_out_takes_the_row_away(cast):
    come().post("/sign-out/")
    assert not SignedIn.objects.exists()
    assert not Session.objects.exists()


def test_last_seen_is_written_every_ten_minutes_only(cast):
    browser = come()

    def writes():
        with CaptureQueriesContext(connection) as queries:
            browser.get("/people/")
        return [q["sql"] for q in queries if "signin_signedin" in q["sql"]]

    assert writes() == []
    before = SignedIn.objects.get().seen_at
    session = browser.session
    session[SEEN] = (timezone.now() - dt.timedelta(minutes=11)).isoformat()
    session.save()
    assert len(writes()) == 1
    assert SignedIn.objects.get().seen_at > before
    assert writes() == []


def test_a_session_ends_after_seven_days_however_it_is_used(cast, settings):
    browser = come()
    expires = Session.objects.get().expire_date
    assert abs(expires - timezone.now() - dt.timedelta(days=7)) < dt.timedelta(minutes=1)
    session = browser.session
    session[SEEN] = (timezone.now() - dt.timedelta(minutes=11)).isoformat()
    session.save()
    browser.get("/people/")
    later = Session.objects.get().expire_date
    assert abs(later - expires) < dt.timedelta(seconds=2)


def test_a_session_that_nobody_used_for_a_day_has_ended(cast):
    browser, other = come(), come()
    for each, unused in ((browser, 25), (other, 23)):
        session = each.session
        session[SEEN] = (timezone.now() - dt.timedelta(hours=unused)).isoformat()
        session.save()
    SignedIn.objects.filter(session=key_of(browser)).update(
        seen_at=timezone.now() - dt.timedelta(hours=25)
    )
    assert [row.session_id for row in other.get(PAGE).context["sessions"]] == [key_of(other)]
    assert not is_in(browser)
    assert not Session.objects.filter(pk=key_of(browser)).exists()
    assert is_in(other)


def test_a_session_that_has_expired_is_not_shown(cast):
    come()
    here = come()
    Session.objects.exclude(pk=key_of(here)).update(expire_date=timezone.now())
    assert len(here.get(PAGE).context["sessions"]) == 1


def test_the_night_forgets_what_has_expired(cast):
    come()
    living = come()
    Session.objects.exclude(pk=key_of(living)).update(expire_date=timezone.now())
    assert clear_sessions() == {"removed": 1}
    assert SignedIn.objects.get().session_id == key_of(living)
    assert is_in(living)


def test_the_page_costs_the_same_with_thirty_sessions(cast):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert here.get(PAGE).status_code == 200
        return len(queries)

    here = come()
    come()
    few = cost()
    for _each in range(27):
        come()
    assert cost() == few <= 12


def test_a_deactivated_person_is_out_everywhere(cast):
    browser = come()
    deactivate_person(person=cast.outsider, by=cast.admin, now=timezone.now())
    assert not is_in(browser)


def key_of(browser) -> str:
    return browser.cookies["sessionid"].value
