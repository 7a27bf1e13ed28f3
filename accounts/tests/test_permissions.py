"""Everybody signed in reads the organisation; administrators change it; heads name contacts."""

import pytest

from accounts.models import Contact

READ = ["/departments/", "/departments/{research}/", "/profile/", "/profile/password/"]
READ += ["/people/", "/people/{outsider}/"]
ADMINISTRATE = [
    "/departments/new/",
    "/departments/{research}/edit/",
    "/people/new/",
    "/people/{outsider}/edit/",
    "/people/{outsider}/password/",
    "/organisation/",
    "/organisation/number-example/",
    "/organisation/import/",
    "/organisation/import/template/",
]
ACTS = [
    "/departments/{finance}/activate/",
    "/departments/{finance}/deactivate/",
    "/people/{outsider}/activate/",
    "/people/{outsider}/deactivate/",
    "/organisation/import/store/",
    "/organisation/import/discard/",
]
PEOPLE = ["director", "research_head", "research_contact", "outsider", "records"]


def address(pattern, cast):
    return pattern.format(
        research=cast.research.pk, finance=cast.finance.pk, outsider=cast.outsider.pk
    )


@pytest.mark.parametrize("url", READ)
@pytest.mark.parametrize("person", [*PEOPLE, "admin"])
def test_everybody_reads(cast, sign_in, person, url):
    assert sign_in(getattr(cast, person)).get(address(url, cast)).status_code == 200


@pytest.mark.parametrize("url", ADMINISTRATE)
@pytest.mark.parametrize("person", PEOPLE)
def test_only_administrators_open_what_changes(cast, sign_in, person, url):
    client = sign_in(getattr(cast, person))
    assert client.get(address(url, cast)).status_code == 403
    assert client.post(address(url, cast)).status_code == 403


@pytest.mark.parametrize("url", ADMINISTRATE)
def test_administrators_do(cast, sign_in, url):
    assert sign_in(cast.admin).get(address(url, cast)).status_code == 200


@pytest.mark.parametrize("url", ACTS)
@pytest.mark.parametrize("person", PEOPLE)
def test_only_administrators_act(cast, sign_in, person, url):
    client = sign_in(getattr(cast, person))
    assert client.get(address(url, cast)).status_code == 405
    assert client.post(address(url, cast)).status_code == 403


@pytest.mark.parametrize("url", READ + ADMINISTRATE + ACTS)
def test_nobody_reads_or_acts_without_signing_in(client, cast, url):
    for send in (client.get, client.post):
        assert send(address(url, cast))["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("research_head", 302),
        ("admin", 302),
        ("director", 403),
        ("research_contact", 403),
        ("market_head", 403),
        ("outsider", 403),
    ],
)
def test_the_head_or_an_administrator_names_and_removes_contacts(cast, sign_in, person, status):
    client = sign_in(getattr(cast, person))
    contact = Contact.objects.get()
    assert client.post(f"/contacts/{contact.pk}/remove/").status_code == status
    url = f"/departments/{cast.research.pk}/contacts/name/"
    answer = client.post(url, {"person": cast.research_contact.pk})
    assert answer.status_code == status
    assert Contact.objects.get().named_by == (
        cast.research_head if status == 403 else getattr(cast, person)
    )


def test_an_administrator_neither_locks_out_nor_resets_themselves(cast, sign_in):
    client = sign_in(cast.admin)
    assert client.get(f"/people/{cast.admin.pk}/password/").status_code == 403
    assert client.post(f"/people/{cast.admin.pk}/deactivate/").status_code == 403


@pytest.mark.parametrize("url", ["/departments/{}/", "/people/{}/edit/", "/contacts/{}/remove/"])
@pytest.mark.parametrize("pk", ["0", "999999", "9" * 20])
def test_what_does_not_exist_is_not_found(cast, sign_in, url, pk):
    client = sign_in(cast.admin)
    send = client.post if "contacts" in url else client.get
    assert send(url.format(pk)).status_code == 404
