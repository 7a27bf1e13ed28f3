"""A new password by a link in a mail: for those it concerns, once, and read by nobody else."""

import re
import time
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import SignInAttempt, User
from accounts.services.people import deactivate_person
from audit.models import Event
from conftest import PASSWORD
from deadlines.delivery import deliver
from deadlines.models import Message
from signin import links
from signin.views import passwords

ASK, NEW = "/password/link/", "/password/new/"
BETTER = "noch-viel-laenger"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(passwords, "AT_LEAST", 0)


@pytest.fixture
def cast(cast):
    for person, email in [(cast.outsider, "k@example.com"), (cast.market_head, "d@example.com")]:
        person.email = email
        person.save()
    return cast


def ask(client, email="k@example.com", **extra):
    return client.post(ASK, {"email": email}, **extra)


def key_in_mail() -> str:
    deliver()
    (link,) = re.findall(r"\S+/password/new/\?key=\S+", mail.outbox[-1].body)
    return urlsplit(link).query.removeprefix("key=")


def set_password(client, key, password=BETTER):
    words = {"key": key, "new_password1": password, "new_password2": password}
    return client.post(NEW, words)


def test_the_link_in_the_mail_sets_a_new_password_once_and_ends_every_session(
    client, cast, sign_in
):
    elsewhere = Client()
    elsewhere.force_login(cast.outsider)
    assert ask(client)["Location"] == "/sign-in/"
    key = key_in_mail()
    assert mail.outbox[-1].to == ["k@example.com"]
    assert BETTER not in (page := client.get(NEW, {"key": key})).content.decode()
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert set_password(client, key)["Location"] == "/sign-in/"
    assert Client().login(username="会计K", password=BETTER)
    assert elsewhere.get("/people/").status_code == 302
    refused = set_password(client, key, "noch-einmal-anders")
    assert refused.status_code == 422
    assert "has been used or is too old" in refused.content.decode()
    assert not Client().login(username="会计K", password="noch-einmal-anders")


def test_nobody_but_the_reader_of_the_mail_gets_to_know_the_link(client, cast, sign_in):
    ask(client)
    message = Message.objects.get()
    page = sign_in(cast.admin).get(f"/mail/{message.pk}/")
    assert page.status_code == 200
    assert "?key=" not in page.content.decode()
    key = key_in_mail()
    assert key not in Message.objects.get().text
    assert key not in sign_in(cast.admin).get(f"/mail/{message.pk}/").content.decode()
    assert "…" in Message.objects.get().text


@pytest.mark.parametrize("closed", ["closed", "nobody"])
def test_who_has_no_account_here_gets_the_same_answer_and_no_mail(client, cast, closed):
    if closed == "closed":
        deactivate_person(person=cast.outsider, by=cast.admin, now=timezone.now())
    known, unknown = ask(client, "d@example.com"), ask(client, "k@example.com")
    if closed == "nobody":
        unknown = ask(client, "niemand@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    told = set(Message.objects.values_list("recipient__username", flat=True))
    assert told == ({"经理D"} if closed == "closed" else {"经理D", "会计K"})


def test_the_answer_takes_as_long_whoever_has_the_address(client, cast, monkeypatch):
    monkeypatch.setattr(passwords, "AT_LEAST", 0.3)
    for email in ["d@example.com", "niemand@example.com"]:
        began = time.monotonic()
        ask(client, email)
        assert 0.3 <= time.monotonic() - began < 0.4


def test_a_link_dies_with_a_deactivation_and_after_an_hour(client, cast, settings):
    key = links.link_for(cast.outsider).partition("key=")[2]
    assert links.person_of(key) == cast.outsider
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert links.person_of(key) is None
    settings.PASSWORD_RESET_TIMEOUT = 3600
    deactivate_person(person=cast.outsider, by=cast.admin, now=timezone.now())
    assert set_password(client, key).status_code == 422


def test_no_log_of_ours_writes_the_key_down(client, cast, caplog):
    caplog.set_level("INFO")
    key = links.link_for(cast.outsider).partition("key=")[2]
    client.get(NEW, {"key": key})
    client.get(NEW + "gone/", {"key": key})
    set_password(client, key, "kurz")
    set_password(client, key)
    assert key not in caplog.text
    assert "/password/new/" in caplog.text


def test_weak_passwords_are_refused_here_too(client, cast):
    key = links.link_for(cast.outsider).partition("key=")[2]
    assert set_password(client, key, "password1234").status_code == 422
    assert Client().login(username="会计K", password=PASSWORD)


def test_ten_links_from_one_place_then_a_quarter_of_an_hour(client, cast):
    for _each in range(10):
        assert ask(client).status_code == 302
    assert ask(client, "d@example.com").status_code == 429
    assert ask(client, "d@example.com", REMOTE_ADDR="10.0.0.7").status_code == 302
    assert ask(client, REMOTE_ADDR="10.0.0.7").status_code == 429


def test_somebody_who_wants_no_mails_and_has_quiet_hours_gets_this_one_now(client, cast):
    now = timezone.now()
    User.objects.filter(pk=cast.outsider.pk).update(
        mail_changes=False, quiet_from="00:00", quiet_until="23:59"
    )
    ask(client)
    assert Message.objects.get().next_attempt_at <= timezone.now()
    key_in_mail()
    assert Message.objects.get().created_at >= now


def test_the_history_says_that_a_link_was_asked_and_used_without_the_link(client, cast):
    ask(client)
    key = key_in_mail()
    set_password(client, key)
    used, asked = Event.objects.about(cast.outsider)
    assert (asked.action, asked.actor_name) == ("person.link_asked", "")
    assert (used.action, used.actor_name) == ("person.password_set_by_link", "会计K")
    assert asked.changes == used.changes == {}


@pytest.mark.parametrize("key", ["", "x", "1-", "zz-zz-zz", "\0", "9" * 400, "1-\0"])
def test_a_broken_link_says_so(client, cast, key):
    page = client.get(NEW, {"key": key})
    assert page.status_code == 200
    assert "has been used or is too old" in page.content.decode()
    assert set_password(client, key).status_code == 422


def test_odd_addresses_are_refused(client, cast):
    for email in ["", "x", "\0@example.com", "x" * 300_000 + "@example.com"]:
        assert ask(client, email).status_code == 422
    assert not SignInAttempt.objects.exists()
