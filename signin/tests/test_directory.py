"""Signing in with the company's directory: a real slapd. Skipped without its packages."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Event
from conftest import PASSWORD
from coordination import env

pytest.importorskip("django_auth_ldap", reason="needs requirements-ldap.txt")
slapdtest = pytest.importorskip("slapdtest", reason="needs requirements-ldap.txt")
SECRET = "geheim-im-verzeichnis"
ENTRIES = """
dn: {base}
objectClass: dcObject
objectClass: organization
dc: {dc}
o: example

dn: uid=wang.wu,{base}
objectClass: inetOrgPerson
uid: wang.wu
cn: 王五
sn: 王
mail: wang@example.com
title: 工程师
userPassword: {secret}

dn: uid=admin.local,{base}
objectClass: inetOrgPerson
uid: admin.local
cn: Somebody Else
sn: Else
userPassword: {secret}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    class Server(slapdtest.SlapdObject):
        openldap_schema_files = ("core.ldif", "cosine.ldif", "inetorgperson.ldif")
        TMPDIR = str(tmp_path_factory.mktemp("slapd"))

    try:
        server = Server()
    except ValueError:
        pytest.skip("slapd is missing: apt-get install slapd ldap-utils")
    server.start()
    dc = server.suffix.split(",")[0].removeprefix("dc=")
    server.ldapadd(ENTRIES.format(base=server.suffix, dc=dc, secret=SECRET))
    yield server
    server.stop()


@pytest.fixture
def directory(server, settings, monkeypatch, cast):
    monkeypatch.setenv("LDAP_SEARCH_BASE", server.suffix)
    monkeypatch.setenv("LDAP_BIND_DN", server.root_dn)
    monkeypatch.setenv("LDAP_BIND_PASSWORD", server.root_pw)
    for name, value in env.directory(server.ldap_uri).items():
        setattr(settings, name, value)
    settings.LDAP_URL = server.ldap_uri
    settings.LDAP_CREATES_ACCOUNTS = False
    settings.AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "signin.directory.DirectoryBackend",
    ]


def person(username, **more):
    person = User(username=username, name=username, **more)
    person.set_unusable_password()
    person.save()
    return person


def sign_in(name, password):
    browser = Client()
    return browser, browser.post("/sign-in/", {"username": name, "password": password}).status_code


@pytest.mark.parametrize("typed", ["wang.wu", "Wang.Wu"])
def test_the_password_of_the_directory_lets_in_who_has_an_account_here(directory, typed):
    wang = person("wang.wu")
    browser, status = sign_in(typed, SECRET)
    assert status == 302
    assert browser.get("/people/").wsgi_request.user == wang
    assert sign_in("wang.wu", "falsch")[1] == 422
    assert sign_in("wang.wu", "")[1] == 422


def test_local_accounts_still_work_and_are_nobody_elses(directory, cast):
    assert sign_in("会计K", PASSWORD)[1] == 302
    local = person("admin.local", is_staff=True)
    local.set_password(PASSWORD)
    local.save()
    assert sign_in("admin.local", SECRET)[1] == 422
    assert sign_in("admin.local", PASSWORD)[1] == 302


def test_accounts_are_made_only_where_it_is_wanted(directory, settings):
    assert sign_in("wang.wu", SECRET)[1] == 422
    assert not User.objects.filter(username="wang.wu").exists()
    settings.LDAP_CREATES_ACCOUNTS = True
    assert sign_in("wang.wu", SECRET)[1] == 302
    wang = User.objects.get(username="wang.wu")
    assert (wang.name, wang.email, wang.title) == ("王五", "wang@example.com", "工程师")
    assert not wang.is_staff
    actions = list(Event.objects.about(wang).values_list("action", flat=True))
    assert actions == ["person.signed_in", "person.created"]


def test_who_is_closed_here_stays_out(directory):
    person("wang.wu", is_active=False)
    assert sign_in("wang.wu", SECRET)[1] == 422


def test_the_text_of_a_filter_is_no_name(directory):
    person("wang.wu")
    for name in ["*", "wang*", "wang.wu)(uid=*", "\\2a", "(", "x" * 100_000]:
        assert sign_in(name, SECRET)[1] in (422, 429)


def test_a_directory_that_is_away_keeps_nobody_of_ours_out(directory, settings):
    settings.AUTH_LDAP_SERVER_URI = "ldap://127.0.0.1:1"
    assert sign_in("wang.wu", SECRET)[1] == 422
    assert sign_in("会计K", PASSWORD)[1] == 302


def test_a_record_is_signed_with_the_password_of_the_directory(directory):
    from signin.passwords import is_password_of

    wang = person("wang.wu")
    assert is_password_of(wang, SECRET)
    assert not is_password_of(wang, "falsch")


def test_nobody_of_the_directory_is_mailed_a_link_to_set_a_password(directory, client):
    from signin.services.passwords import ask_for_link

    person("wang.wu", email="wang@example.com")
    ask_for_link(email="wang@example.com", now=timezone.now())
    assert not Event.objects.filter(action="person.link_asked").exists()
