"""Mails about changes are stopped from the mail itself, by one click and nothing else."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.unsubscribe import token_of, unsubscribe_url
from audit.models import Event

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def address(person):
    return reverse("accounts:unsubscribe", args=[token_of(person)])


def wants_mails(person):
    return User.objects.get(pk=person.pk).mail_changes


def test_the_link_leads_to_our_own_site(cast, settings):
    settings.SITE_URL = "https://coordination.example.com"
    url = unsubscribe_url(cast.outsider)
    assert url == f"https://coordination.example.com{address(cast.outsider)}"


def test_looking_changes_nothing(cast, client):
    for _look in (client.get, client.head, client.get):
        assert _look(address(cast.outsider)).status_code == 200
    page = client.get(address(cast.outsider)).content.decode()
    assert "Stop these mails" in page
    assert "Reminders of duties are still mailed" in page
    assert wants_mails(cast.outsider)


def test_a_mail_program_stops_them_without_cookie_or_token(cast):
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(address(cast.outsider), ONE_CLICK)
    assert answer.status_code == 200
    assert not wants_mails(cast.outsider)
    event = Event.objects.about(cast.outsider).get()
    assert event.actor_id == cast.outsider.pk
    assert event.changes == {"mail_changes": [True, False]}


@pytest.mark.parametrize("reader", [None, "outsider", "market_head"])
def test_a_person_presses_the_button_signed_in_or_not(cast, client, reader):
    if reader:
        client.force_login(getattr(cast, reader))
    answer = client.post(address(cast.outsider), {"once": str(uuid.uuid4())}, follow=True)
    assert answer.redirect_chain == [(address(cast.outsider), 302)]
    assert "Mails about changes are stopped" in answer.content.decode()
    assert "Stop these mails" not in answer.content.decode()
    assert not wants_mails(cast.outsider)
    assert wants_mails(cast.market_head)


def test_twice_is_once(cast, client):
    for _time in range(3):
        assert client.post(address(cast.outsider), ONE_CLICK).status_code == 200
    assert Event.objects.about(cast.outsider).count() == 1


def test_a_link_of_a_mail_is_good_for_its_person_only(cast, client):
    other = token_of(cast.market_head).partition(".")[2]
    own = token_of(cast.outsider)
    for token in (f"{cast.outsider.pk}.{other}", own[:-1], own[::-1], str(cast.outsider.pk), "."):
        for send in (client.get, client.post):
            answer = send(reverse("accounts:unsubscribe", args=[token]), ONE_CLICK)
            assert answer.status_code == 404
            assert "This link does not work" in answer.content.decode()
    assert wants_mails(cast.outsider)


def test_the_link_of_somebody_who_left_is_none(cast, client):
    User.objects.filter(pk=cast.outsider.pk).update(is_active=False)
    assert client.get(address(cast.outsider)).status_code == 404
    assert client.post(address(cast.outsider), ONE_CLICK).status_code == 404


def test_whoever_signs_in_switches_them_on_again(cast, client, sign_in):
    client.post(address(cast.outsider), ONE_CLICK)
    User.objects.filter(pk=cast.outsider.pk).update(email="k@example.com")
    mine = {"email": "k@example.com", "version": 2, "mail_changes": "on"}
    assert sign_in(cast.outsider).post("/profile/", mine).status_code == 302
    assert wants_mails(cast.outsider)
