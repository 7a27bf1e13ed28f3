"""Signing in through the company's identity provider: a real one, small, in a thread."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.models import User
from audit.models import Event
from conftest import PASSWORD
from coordination import env
from signin.tests.oidc_provider import CLIENT, SECRET, Provider, new_key

BEGIN, BACK = "/sign-in/company/", "/sign-in/company/back/"


@pytest.fixture
def provider(settings, monkeypatch, cast):
    running = Provider()
    monkeypatch.setenv("OIDC_ISSUER", running.issuer)
    monkeypatch.setenv("OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("OIDC_CLIENT_SECRET", SECRET)
    settings.SOCIALACCOUNT_PROVIDERS = env.openid_connect()
    settings.COMPANY_ACCOUNTS, settings.OIDC_NAME = True, "示例公司账号"
    cast.outsider.email = "k@example.com"
    cast.outsider.save()
    yield running
    running.close()


def go(browser, **data):
    """To the provider and back; the answer of the way back."""
    away = browser.post(BEGIN, data)
    assert away.status_code == 200
    there = html.unescape(re.search(r'href="(http://127[^"]+)"', away.content.decode())[1])
    back = requests.get(there, allow_redirects=False, timeout=5).headers["Location"]
    return browser.get(urlsplit(back).path + "?" + urlsplit(back).query)


def said(browser) -> str:
    return browser.get("/sign-in/").content.decode()


def is_in(browser) -> bool:
    return browser.get("/people/").status_code == 200


def test_the_button_leads_there_and_back_to_the_page_one_wanted(provider, cast):
    browser = Client()
    assert "示例公司账号" in said(browser)
    assert go(browser, next="/departments/")["Location"] == "/departments/"
    assert browser.get("/people/").wsgi_request.user == cast.outsider
    assert len(provider.verified) == 1
    actions = [event.action for event in Event.objects.about(cast.outsider)]
    assert actions == [
        "person.signed_in_with_company_account",
        "person.company_account_linked",
    ]


def test_the_second_time_the_company_account_is_known_whatever_its_address_is_now(provider, cast):
    go(Client())
    provider.claims["email"] = "somebody@example.com"
    browser = Client()
    go(browser)
    assert browser.get("/people/").wsgi_request.user == cast.outsider
    assert SocialAccount.objects.count() == 1


@pytest.mark.parametrize("verified", [False, "false", None, 0])
def test_an_address_that_was_not_confirmed_opens_nothing(provider, verified):
    provider.claims["email_verified"] = verified
    browser = Client()
    assert go(browser)["Location"] == "/sign-in/"
    assert "Nobody here belongs" in said(browser)
    assert not is_in(browser)


def test_an_address_that_two_people_have_opens_nothing(provider, cast):
    User.objects.filter(pk=cast.market_head.pk).update(email="k@example.com")
    browser = Client()
    go(browser)
    assert not is_in(browser)


def test_the_login_name_may_stand_in_a_claim(provider, cast, settings):
    settings.OIDC_USERNAME_CLAIM = "employee"
    provider.claims["employee"] = "经理D"
    browser = Client()
    go(browser)
    assert browser.get("/people/").wsgi_request.user == cast.market_head


def test_no_account_is_made_unless_it_is_wanted(provider, settings):
    provider.claims |= {"email": "new@example.com", "preferred_username": "neu", "name": "新人"}
    go(Client())
    assert not User.objects.filter(username="neu").exists()
    settings.OIDC_CREATES_ACCOUNTS = True
    browser = Client()
    go(browser)
    person = User.objects.get(username="neu")
    assert is_in(browser)
    assert (person.name, person.email, person.is_staff) == ("新人", "new@example.com", False)
    assert not person.has_usable_password()


def test_a_new_account_never_takes_the_name_of_another(provider, settings):
    settings.OIDC_CREATES_ACCOUNTS = True
    provider.claims |= {"email": "new@example.com", "preferred_username": "经理D"}
    browser = Client()
    go(browser)
    assert not is_in(browser)


@pytest.mark.parametrize("known", [True, False])
def test_a_closed_account_stays_closed_and_says_so(provider, cast, known):
    if known:
        go(Client())
    cast.outsider.is_active = False
    cast.outsider.save()
    browser = Client()
    assert go(browser)["Location"] == "/sign-in/"
    assert "This account is closed" in said(browser)
    assert not is_in(browser)


def wrong_key(provider):
    provider.key = new_key()


def wrong_audience(provider):
    provider.token_changes = {"aud": "another"}


def wrong_issuer(provider):
    provider.token_changes = {"iss": "http://evil.example"}


def too_old(provider):
    provider.token_changes = {"exp": 1}


def another_person(provider):
    provider.userinfo_changes = {"sub": "somebody-else"}


def signed_with_what_everybody_knows(provider):
    provider.key, provider.algorithm = "x" * 40, "HS256"


def not_signed(provider):
    provider.key, provider.algorithm = None, "none"


@pytest.mark.parametrize(
    "fault",
    [
        signed_with_what_everybody_knows,
        not_signed,
        wrong_key,
        wrong_audience,
        wrong_issuer,
        too_old,
        another_person,
    ],
)
def test_a_token_that_is_not_right_opens_nothing(provider, fault):
    fault(provider)
    browser = Client()
    assert go(browser)["Location"] == "/sign-in/"
    assert "was not confirmed" in said(browser)
    assert not is_in(browser)


@pytest.mark.parametrize("page", ["/keys", "/userinfo"])
def test_where_the_provider_leads_to_nobody_follows(provider, page):
    provider.moved = {page}
    browser = Client()
    assert go(browser)["Location"] == "/sign-in/"
    assert not is_in(browser)


def test_a_provider_that_calls_itself_another_is_not_believed(provider, monkeypatch):
    other = "http://evil.example"
    provider.token_changes = {"iss": other}
    told = provider.discovery() | {"issuer": other}
    monkeypatch.setattr(provider, "discovery", lambda: told)
    browser = Client()
    assert go(browser)["Location"] == "/sign-in/"
    assert not is_in(browser)


def test_a_way_back_that_nobody_began_opens_nothing(provider):
    browser = Client()
    for query in ["", "?code=x", "?code=x&state=y", "?error=access_denied", "?state=%00"]:
        assert browser.get(BACK + query)["Location"] == "/sign-in/"
    assert not is_in(browser)


def test_no_way_to_another_site(provider):
    assert go(Client(), next="https://evil.example/")["Location"] == "/"


def test_a_provider_that_is_away_is_said_and_the_name_still_works(provider):
    provider.close()
    browser = Client()
    assert browser.post(BEGIN)["Location"] == "/sign-in/"
    assert "cannot be reached" in said(browser)
    browser.post("/sign-in/", {"username": "会计K", "password": PASSWORD})
    assert is_in(browser)


def test_a_second_factor_is_asked_here_unless_the_company_asks_it(provider, cast, settings):
    settings.OIDC_HAS_SECOND_FACTOR = True
    settings.SECOND_FACTOR_FOR_ADMINISTRATORS = True
    cast.outsider.is_staff = True
    cast.outsider.save()
    browser = Client()
    go(browser)
    assert is_in(browser)
    settings.OIDC_HAS_SECOND_FACTOR = False
    browser = Client()
    go(browser)
    assert browser.get("/people/")["Location"] == "/profile/security/"
    Authenticator.objects.create(user=cast.outsider, type="totp", data={"secret": "x"})
    assert go(Client())["Location"] == "/sign-in/second-step/"


def test_the_secret_of_the_client_stands_on_no_page(provider):
    browser = Client()
    away = browser.post(BEGIN).content.decode()
    assert SECRET not in away + said(browser)
    asked = parse_qs(urlsplit(html.unescape(re.search(r'url=([^"]+)"', away)[1])).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}


@pytest.mark.parametrize(
    ("issuer", "client"), [("https://id.example.com", ""), ("http://id.example.com", "x")]
)
def test_half_a_provider_or_an_open_line_stops_the_start(monkeypatch, issuer, client):
    monkeypatch.setenv("OIDC_ISSUER", issuer)
    monkeypatch.setenv("OIDC_CLIENT_ID", client)
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "x")
    with pytest.raises(ImproperlyConfigured):
        env.openid_connect()
