"""The second factor: set up, asked for, lost, taken away; administrators have one."""

import time
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from audit.models import Event
from conftest import PASSWORD
from deadlines.delivery import deliver
from deadlines.models import Message
from signin import secrets

PAGE = "/profile/security/"
APP = PAGE + "app/"
CODES = PAGE + "recovery-codes/"
STEP = "/sign-in/second-step/"


def come(person, step="/"):
    """A browser in which the person has typed name and password."""
    browser = Client()
    response = browser.post("/sign-in/", {"username": person.username, "password": PASSWORD})
    assert response["Location"] == step
    return browser


def code_of(secret, ahead=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def set_up(browser):
    """Sets up an app; returns its secret."""
    page = browser.get(APP)
    assert page.content.decode().count("data:image/svg+xml;base64,") == 1
    secret = page.context["form"].secret
    response = browser.post(APP, {"code": code_of(secret, -1)})
    assert response["Location"] == CODES
    return secret


@pytest.fixture
def secret(cast):
    """会计K has an app."""
    cache.clear()
    return set_up(come(cast.outsider))


def test_signing_in_asks_for_the_code_of_the_app_and_is_not_done_before(cast, secret):
    browser = come(cast.outsider, step=STEP)
    assert browser.get("/people/")["Location"].startswith("/sign-in/")
    wrong = browser.post(STEP, {"code": "000000"})
    assert wrong.status_code == 422
    assert "This is not right" in wrong.content.decode()
    assert browser.post(STEP, {"code": code_of(secret)})["Location"] == "/"
    assert browser.get("/people/").status_code == 200
    assert Event.objects.about(cast.outsider).first().action == (
        "person.signed_in_with_second_factor"
    )


def test_a_code_works_once(cast, secret):
    code = code_of(secret)
    assert come(cast.outsider, step=STEP).post(STEP, {"code": code}).status_code == 302
    assert come(cast.outsider, step=STEP).post(STEP, {"code": code}).status_code == 422


def test_the_code_that_set_up_the_app_does_not_sign_in_as_well(cast, secret):
    seen = code_of(secret, -1)  # as set_up sent it
    assert come(cast.outsider, step=STEP).post(STEP, {"code": seen}).status_code == 422


def test_a_code_does_not_come_back_while_a_slow_clock_would_still_be_right(
    cast, secret, monkeypatch
):
    """Taken early, it is right for another 80 seconds; the library forgets it after 30."""
    began = int(time.time()) // 30 * 30
    code, now = code_of(secret, 1), [began + 5]
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now[0])
    assert come(cast.outsider, step=STEP).post(STEP, {"code": code}).status_code == 302
    cache.delete(f"allauth.mfa.totp.used?user={cast.outsider.pk}&code={code}")
    now[0] = began + 85
    assert come(cast.outsider, step=STEP).post(STEP, {"code": code}).status_code == 422


def test_the_page_one_wanted_comes_after_the_second_step(cast, secret):
    browser = Client()
    words = {"username": "会计K", "password": PASSWORD, "next": "/departments/"}
    assert browser.post("/sign-in/", words)["Location"] == STEP
    assert browser.post(STEP, {"code": code_of(secret)})["Location"] == "/departments/"


def test_ten_codes_then_a_quarter_of_an_hour_over_all_sign_ins(cast, secret):
    browser = come(cast.outsider, step=STEP)
    for _try in range(9):
        assert browser.post(STEP, {"code": "000000"}).status_code == 422
    again = come(cast.outsider, step=STEP)
    assert again.post(STEP, {"code": "000000"}).status_code == 422
    refused = again.post(STEP, {"code": code_of(secret)})
    assert refused.status_code == 429
    assert "quarter of an hour" in refused.content.decode()
    assert Event.objects.filter(action="person.held_up").count() == 1


def test_recovery_codes_are_shown_once_and_let_in_once_each(cast):
    browser = come(cast.outsider)
    set_up(browser)
    assert b"<code>" not in browser.get(CODES).content
    codes = browser.post(CODES).context["codes"]
    assert len(codes) == 10
    assert browser.post(CODES)["Location"] == CODES
    lost = come(cast.outsider, step=STEP)
    assert lost.post(STEP, {"code": codes[0]})["Location"] == "/"
    again = come(cast.outsider, step=STEP)
    assert again.post(STEP, {"code": codes[0]}).status_code == 422
    assert again.post(STEP, {"code": codes[1]})["Location"] == "/"


def test_new_recovery_codes_replace_the_old(cast):
    browser = come(cast.outsider)
    set_up(browser)
    old = browser.post(CODES).context["codes"]
    assert browser.post(CODES + "new/")["Location"] == CODES
    new = browser.post(CODES).context["codes"]
    assert not set(old) & set(new)
    assert come(cast.outsider, step=STEP).post(STEP, {"code": old[0]}).status_code == 422
    assert Event.objects.about(cast.outsider).filter(action="person.recovery_codes_made").exists()


def test_the_secret_is_enciphered_in_the_database(cast, secret):
    data = Authenticator.objects.get(user=cast.outsider, type="totp").data
    assert secret not in str(data)
    assert decrypt(data["secret"]) == secret


def test_another_secret_key_still_reads_what_the_one_before_it_wrote(settings):
    written = secrets.encipher("x")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-of-fifty-characters-and-some-more-of-them"
    assert secrets.decipher(written) == "x"


def test_with_a_secret_key_that_was_lost_a_code_is_wrong_and_no_error(cast, secret, settings):
    settings.SECRET_KEY = "another-key-of-fifty-characters-and-some-more-of-them"
    browser = come(cast.outsider, step=STEP)
    assert browser.post(STEP, {"code": code_of(secret)}).status_code == 422


def test_a_matter_of_security_asks_again_who_one_is_unless_one_has_just_come(cast, settings):
    browser = come(cast.outsider)
    assert browser.get(APP).status_code == 200
    forget_when(browser)
    asked = browser.get(APP)
    assert unquote(asked["Location"]) == f"/again/password/?next={APP}"
    again = asked["Location"]
    assert browser.post(again, {"password": "falsch"}).status_code == 422
    assert browser.post(again, {"password": PASSWORD})["Location"] == APP
    assert browser.get(APP).status_code == 200


def test_who_showed_it_once_more_goes_on_under_another_key(cast):
    browser = come(cast.outsider)
    forget_when(browser)
    before = browser.cookies["sessionid"].value
    browser.post("/again/password/", {"password": PASSWORD})
    assert browser.cookies["sessionid"].value != before
    (row,) = browser.get(PAGE).context["sessions"]
    assert row.session_id == browser.cookies["sessionid"].value
    thief = Client()
    thief.cookies["sessionid"] = before
    assert thief.get("/people/").status_code == 302


def forget_when(browser):
    """As if the person had come hours ago."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 10_000
    session.save()


def test_the_password_is_not_tried_out_where_it_is_asked_again(cast):
    browser = come(cast.outsider)
    forget_when(browser)
    for _try in range(10):
        assert browser.post("/again/password/", {"password": "falsch"}).status_code == 422
    assert browser.post("/again/password/", {"password": PASSWORD}).status_code == 429


def test_removing_the_app_takes_the_recovery_codes_along(cast):
    browser = come(cast.outsider)
    set_up(browser)
    assert browser.get(APP + "remove/").status_code == 200
    assert browser.post(APP + "remove/").status_code == 302
    assert not Authenticator.objects.exists()
    come(cast.outsider)
    actions = [event.action for event in Event.objects.about(cast.outsider)]
    assert actions[1:3] == ["person.app_removed", "person.app_added"]


def test_an_administrator_takes_away_what_somebody_has_lost(cast, secret, sign_in):
    theirs = come(cast.outsider, step=STEP)
    theirs.post(STEP, {"code": code_of(secret)})
    admin = sign_in(cast.admin)
    page = f"/people/{cast.outsider.pk}/sign-in/"
    assert "App for one-time codes" in admin.get(page).content.decode()
    assert admin.post(page + "second-factor/take/").status_code == 302
    assert theirs.get("/people/").status_code == 302
    come(cast.outsider)
    event = Event.objects.about(cast.outsider).filter(actor_id=cast.admin.pk).get()
    assert event.action == "person.second_factor_taken"
    Message.objects.update(next_attempt_at=event.at)
    cast.outsider.email, cast.outsider.language = "k@example.com", "en"
    cast.outsider.save()
    deliver()
    assert "took away the second factor" in mail.outbox[-1].body


def test_nobody_else_takes_it_away_nor_the_administrator_their_own(cast, secret, sign_in):
    for person in (cast.finance_head, cast.records, cast.outsider):
        page = f"/people/{cast.outsider.pk}/sign-in/"
        assert sign_in(person).post(page + "second-factor/take/").status_code == 403
        assert sign_in(person).get(page).status_code == 403
    own = f"/people/{cast.admin.pk}/sign-in/second-factor/take/"
    assert sign_in(cast.admin).post(own).status_code == 403


def test_an_administrator_ends_all_sessions_of_a_person(cast, sign_in):
    theirs = come(cast.outsider)
    sign_in(cast.admin).post(f"/people/{cast.outsider.pk}/sign-in/sessions/end/")
    assert theirs.get("/people/").status_code == 302


# Administrators


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    cache.clear()


@pytest.mark.parametrize("who", ["admin", "records"])
def test_an_administrator_without_one_reaches_nothing_else(cast, required, running, who):
    browser = come(getattr(cast, who))
    file = reverse("records:record_pdf", args=[running.pk])
    for address in ["/", "/people/", file, reverse("dashboards:overview_file")]:
        assert browser.get(address)["Location"] == PAGE, address
    assert browser.post("/people/new/", {"name": "x"})["Location"] == PAGE
    part = browser.get("/people/", headers={"HX-Request": "true"})
    assert part.headers["HX-Redirect"] == PAGE
    page = browser.get(PAGE)
    assert "Administrators need a second factor" in page.content.decode()
    assert browser.post("/language/", {"language": "en"}).status_code == 302


def test_once_it_is_set_up_everything_opens_and_it_is_asked_for_next_time(cast, required):
    browser = come(cast.admin)
    secret = set_up(browser)
    assert browser.get("/people/").status_code == 200
    later = come(cast.admin, step=STEP)
    later.post(STEP, {"code": code_of(secret)})
    assert later.get("/people/").status_code == 200


def test_an_administrator_keeps_the_last_one(cast, required):
    browser = come(cast.admin)
    set_up(browser)
    refused = browser.post(APP + "remove/")
    assert refused.status_code == 422
    assert "Add another one first" in refused.content.decode()
    assert Authenticator.objects.filter(user=cast.admin, type="totp").exists()


def test_who_becomes_an_administrator_shows_it_in_the_session_they_have(cast, required, secret):
    browser = come(cast.outsider, step=STEP)
    browser.post(STEP, {"code": code_of(secret)})
    cast.outsider.is_staff = True
    cast.outsider.save()
    assert browser.get("/people/").status_code == 200


def test_a_session_from_before_the_rule_shows_the_factor_that_is_there(cast, required, secret):
    browser = Client()
    cast.outsider.is_staff = True
    cast.outsider.save()
    browser.force_login(cast.outsider)
    assert browser.get("/people/")["Location"] == PAGE
    assert "/again/code/?next=/" in browser.get(PAGE).content.decode()
    browser.post("/again/code/", {"code": code_of(secret)})
    assert browser.get("/people/").status_code == 200


def test_others_need_none(cast, required):
    assert come(cast.outsider).get("/people/").status_code == 200


@pytest.mark.parametrize("value", ["", "\0", "x" * 300_000, "１２３４５６", "12 34 56"])
def test_odd_codes_are_just_not_right(cast, secret, value):
    browser = come(cast.outsider, step=STEP)
    assert browser.post(STEP, {"code": value}).status_code == 422
    for credential in ["", "{", "[]", "{}", '{"response": {}}', "null", "\0", '{"id": 1}']:
        assert browser.post(STEP, {"credential": credential}).status_code == 422
        assert browser.post("/sign-in/passkey/", {"credential": credential}).status_code == 302
