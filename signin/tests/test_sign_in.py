"""Signing in and out: ten tries, one answer for every mistake, no way out to another site."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import throttle
from accounts.models import SignInAttempt
from accounts.services.people import activate_person, deactivate_person, set_password
from audit.models import Event
from conftest import PASSWORD
from coordination.templatetags.history import what_happened

SIGN_IN = "/sign-in/"


def sign_in(client, name, password, **extra):
    return client.post(SIGN_IN, {"username": name, "password": password}, **extra)


def test_the_right_password_leads_to_my_duties(client, cast):
    response = sign_in(client, "经理D", PASSWORD)
    assert response.status_code == 302
    assert response["Location"] == reverse("home")
    assert not SignInAttempt.objects.exists()


def test_without_signing_in_every_page_leads_to_sign_in(client, cast):
    response = client.get("/people/")
    assert response["Location"] == "/sign-in/?next=/people/"


def test_wrong_name_wrong_password_and_closed_account_answer_alike(client, cast):
    cast.outsider.is_active = False
    cast.outsider.save()
    bodies = []
    for name, password in [("经理D", "x"), ("无此人", "x"), ("会计K", PASSWORD)]:
        response = sign_in(client, name, password)
        assert response.status_code == 422
        bodies.append([str(e) for e in response.context["form"].non_field_errors()])
        assert name not in bodies[-1][0]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.parametrize("name", ["经理D", "无此人"])
def test_the_eleventh_try_is_refused_even_with_the_right_password(client, cast, name):
    for _try in range(10):
        assert sign_in(client, name, "falsch").status_code == 422
    response = sign_in(client, name, PASSWORD)
    assert response.status_code == 429
    assert "_auth_user_id" not in client.session


def test_who_is_held_up_finds_it_in_their_history_once(client, cast):
    for _try in range(13):
        sign_in(client, "会计K", "falsch")
        sign_in(client, "无此人", "falsch")
    events = Event.objects.filter(action="person.held_up")
    assert [event.subject_label for event in events] == ["会计K"]


def test_a_refused_password_is_written_into_the_log_without_what_was_typed(client, cast, caplog):
    sign_in(client, "会计K", "falsch")
    sign_in(client, "geheim-im-falschen-feld", "falsch")
    lines = [r.getMessage() for r in caplog.records if r.name == "signin.refusals"]
    assert lines == [
        f"A password was refused: person {cast.outsider.pk}, from 127.0.0.1.",
        "A password was refused: nobody known, from 127.0.0.1.",
    ]
    assert "falsch" not in caplog.text


def test_signing_in_and_out_stands_in_my_history(client, cast):
    sign_in(client, "会计K", PASSWORD)
    client.post("/sign-out/")
    out, come = Event.objects.about(cast.outsider)
    assert (come.actor_name, out.actor_name) == ("会计K", "会计K")
    assert what_happened(come) == "signed in with the password"
    assert what_happened(out) == "signed out"


def test_another_address_and_another_account_are_not_held_up(client, cast):
    for _try in range(11):
        sign_in(client, "经理D", "falsch")
    assert sign_in(client, "主管G", PASSWORD).status_code == 302
    client.logout()
    assert sign_in(client, "经理D", PASSWORD, REMOTE_ADDR="10.0.0.7").status_code == 302


def test_the_right_person_is_back_after_a_quarter_of_an_hour_whatever_went_on(db):
    start = timezone.now()
    tried = {"account": "a", "address": "1.2.3.4"}
    for second in range(10):
        assert throttle.may_try(now=start + dt.timedelta(seconds=second), **tried)
    for minute in range(1, 15):
        assert not throttle.may_try(now=start + dt.timedelta(minutes=minute), **tried)
    assert throttle.may_try(now=start + throttle.WINDOW, **tried)


def test_old_tries_are_pruned(db):
    start = timezone.now()
    throttle.may_try(account="a", address="x", now=start)
    throttle.may_try(account="b", address="x", now=start + throttle.WINDOW)
    assert SignInAttempt.objects.count() == 1


def test_behind_a_proxy_only_the_hop_it_saw_counts(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 10.1.1.1"}, REMOTE_ADDR="127.0.0.1")
    settings.HTTPS = True
    assert throttle.address_of(request) == "10.1.1.1"
    settings.HTTPS = False
    assert throttle.address_of(request) == "127.0.0.1"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_no_way_out_to_another_site(client, cast, target):
    response = client.post(
        SIGN_IN + "?next=" + target, {"username": "经理D", "password": PASSWORD, "next": target}
    )
    assert response["Location"] == reverse("home")
    response = client.post("/language/", {"language": "en", "next": target})
    assert response["Location"] == "/"


def test_another_name_of_this_machine_is_another_site(client, cast, settings):
    settings.ALLOWED_HOSTS = ["testserver", "other.example"]
    words = {"username": "经理D", "password": PASSWORD, "next": "https://other.example/"}
    assert client.post(SIGN_IN, words)["Location"] == reverse("home")


def test_the_page_one_wanted_comes_after_signing_in(client, cast):
    response = client.post(
        SIGN_IN, {"username": "经理D", "password": PASSWORD, "next": "/departments/"}
    )
    assert response["Location"] == "/departments/"


def test_signing_in_renews_the_session_and_signing_out_kills_it(client, cast):
    client.get(SIGN_IN)
    sign_in(client, "经理D", PASSWORD)
    key = client.session.session_key
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").status_code == 302
    client.cookies["sessionid"] = key
    assert client.get("/people/").status_code == 302


def test_deactivation_ends_the_session_at_the_next_request(cast, sign_in):
    client = sign_in(cast.outsider)
    assert client.get("/people/").status_code == 200
    deactivate_person(person=cast.outsider, by=cast.admin, now=timezone.now())
    assert client.get("/people/")["Location"].startswith(SIGN_IN)


def test_a_session_does_not_come_back_to_life_with_the_person(cast, sign_in):
    client = sign_in(cast.outsider)
    deactivate_person(person=cast.outsider, by=cast.admin, now=timezone.now())
    activate_person(person=cast.outsider, by=cast.admin, now=timezone.now())
    assert client.get("/people/")["Location"].startswith(SIGN_IN)
    assert client.login(username="会计K", password=PASSWORD)
    assert client.get("/people/").status_code == 200


def test_a_new_password_ends_the_sessions_under_the_old_one(cast, sign_in):
    client = sign_in(cast.outsider)
    set_password(person=cast.outsider, by=cast.admin, now=timezone.now(), password="Neu-2024-abc")
    assert client.get("/people/")["Location"].startswith(SIGN_IN)


def test_changing_ones_own_password_keeps_this_session_and_ends_the_others(cast, sign_in):
    elsewhere = Client()
    elsewhere.force_login(cast.outsider)
    here = sign_in(cast.outsider)
    words = {"new_password1": "Neu-2024-abc", "new_password2": "Neu-2024-abc"}
    wrong = here.post("/profile/password/", {"old_password": "x", **words})
    assert wrong.status_code == 422
    assert here.post("/profile/password/", {"old_password": PASSWORD, **words}).status_code == 302
    assert here.get("/people/").status_code == 200
    assert elsewhere.get("/people/").status_code == 302


def change_password(client, old, **extra):
    words = {"new_password1": "Neu-2024-abc", "new_password2": "Neu-2024-abc"}
    return client.post(
        "/profile/password/", {"once": str(uuid.uuid4()), "old_password": old, **words}, **extra
    )


def test_the_old_password_is_not_tried_out_on_a_session_left_open(cast, sign_in):
    client = sign_in(cast.outsider)
    for _try in range(10):
        assert change_password(client, "falsch").status_code == 422
    refused = change_password(client, PASSWORD)
    assert refused.status_code == 429
    assert "Wait a quarter of an hour" in refused.content.decode()
    assert Client().login(username="会计K", password=PASSWORD)
    assert change_password(client, PASSWORD, REMOTE_ADDR="10.0.0.7").status_code == 302


def test_the_right_old_password_clears_the_wrong_ones(cast, sign_in):
    client = sign_in(cast.outsider)
    for old in ["falsch"] * 9 + [PASSWORD]:
        response = change_password(client, old)
    assert response.status_code == 302
    assert not SignInAttempt.objects.exists()


@pytest.mark.parametrize("value", ["\0", "x" * 300_000, "a\nb", ""])
def test_odd_input_is_never_an_error_of_ours(client, cast, value):
    assert sign_in(client, value, value).status_code == 422
