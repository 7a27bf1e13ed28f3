"""Passkeys with Chromium's own authenticator: added, a second step, in place of a password."""

import pytest
from allauth.mfa.models import Authenticator

from audit.models import Event
from conftest import PASSWORD

SECURITY = "/profile/security/"


@pytest.fixture
def fingerprint(page):
    """A device with a fingerprint reader, whose owner always touches it."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    def verify(yes):
        protocol.send(
            "WebAuthn.setUserVerified",
            {"authenticatorId": made["authenticatorId"], "isUserVerified": yes},
        )

    return verify


@pytest.fixture
def site(live_server, page, transactional_db):
    """Opens an address of ours; every word on the console that is an error is one of ours."""
    said = []
    page.on("console", lambda word: said.append(word.text) if word.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))

    def open_page(address):
        page.goto(live_server.url.replace("127.0.0.1", "localhost") + address)

    open_page.said = said
    return open_page


def with_password(site, page, name="会计K"):
    site("/sign-in/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("main form:has([name=password]) button")


def sign_out(page):
    page.click(".app-bar .menu__button")
    page.click("form[action='/sign-out/'] button")
    page.wait_for_url("**/sign-in/")


def add_passkey(site, page, *, passwordless):
    site(SECURITY + "passkeys/new/")
    page.fill("[name=name]", "办公室电脑")
    page.set_checked("[name=passwordless]", passwordless)
    page.click("[data-passkey=add]")
    page.wait_for_url("**/recovery-codes/")


def test_a_passkey_signs_in_without_name_and_password(cast, site, page, fingerprint):
    with_password(site, page)
    add_passkey(site, page, passwordless=True)
    site(SECURITY)
    assert "办公室电脑" in page.inner_text("#factors")
    sign_out(page)
    page.click("[data-passkey=enter]")
    page.wait_for_selector(".app-bar")
    assert "会计K" in page.inner_text(".app-bar")
    actions = Event.objects.about(cast.outsider).values_list("action", flat=True)
    assert actions[0] == "person.signed_in_with_passkey"
    assert site.said == []


def test_a_passkey_is_the_second_step_after_the_password(cast, site, page, fingerprint):
    with_password(site, page)
    add_passkey(site, page, passwordless=False)
    sign_out(page)
    with_password(site, page)
    page.wait_for_url("**/second-step/")
    assert page.locator(".app-bar").count() == 0
    page.click("[data-passkey=use]")
    page.wait_for_selector(".app-bar")
    assert "会计K" in page.inner_text(".app-bar")
    assert site.said == []


def test_a_passkey_that_was_removed_lets_nobody_in(cast, site, page, fingerprint):
    with_password(site, page)
    add_passkey(site, page, passwordless=True)
    sign_out(page)
    Authenticator.objects.all().delete()
    page.click("[data-passkey=enter]")
    page.wait_for_selector(".message--error")
    assert page.locator(".app-bar").count() == 0


def test_a_passkey_of_a_closed_account_lets_nobody_in(cast, site, page, fingerprint):
    with_password(site, page)
    add_passkey(site, page, passwordless=True)
    sign_out(page)
    cast.outsider.is_active = False
    cast.outsider.save()
    page.click("[data-passkey=enter]")
    page.wait_for_selector(".message--error")
    assert page.locator(".app-bar").count() == 0


def test_whoever_does_not_show_who_they_are_is_told_and_may_try_again(
    cast, site, page, fingerprint
):
    with_password(site, page)
    add_passkey(site, page, passwordless=True)
    sign_out(page)
    fingerprint(False)
    page.click("[data-passkey=enter]")
    page.wait_for_selector("[data-passkey-said]:not([hidden])")
    assert page.locator(".app-bar").count() == 0
