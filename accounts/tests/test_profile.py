"""What people settle themselves: when they are not to be reminded, and which mails they want."""

import datetime as dt
from urllib.parse import unquote

import pytest

from accounts.models import User
from audit.models import Event
from conftest import PASSWORD

PROFILE = "/profile/"


def form(**changes):
    return {"email": "k@example.com", "language": "", "mail_changes": "on", "version": 1} | changes


@pytest.fixture(autouse=True)
def address(cast):
    User.objects.filter(pk=cast.outsider.pk).update(email="k@example.com")


def test_another_address_asks_who_one_is_and_keeps_what_was_typed(cast, sign_in):
    """Whoever reads the mails can set a new password; a session left open is not enough."""
    client = sign_in(cast.outsider)
    asked = client.post(PROFILE, form(email="thief@example.com", language="en"))
    assert unquote(asked["Location"]) == f"/again/password/?next={PROFILE}"
    client.post(asked["Location"], {"password": "falsch"})
    assert User.objects.get(pk=cast.outsider.pk).email == "k@example.com"
    assert client.post(asked["Location"], {"password": PASSWORD}).status_code == 302
    person = User.objects.get(pk=cast.outsider.pk)
    assert (person.email, person.language) == ("thief@example.com", "en")


def test_quiet_hours_are_kept_and_shown_again(cast, sign_in):
    client = sign_in(cast.outsider)
    quiet = {"quiet_from": "22:00", "quiet_until": "07:00"}
    assert client.post(PROFILE, form(**quiet)).status_code == 302
    person = User.objects.get(pk=cast.outsider.pk)
    assert (person.quiet_from, person.quiet_until) == (dt.time(22), dt.time(7))
    page = client.get(PROFILE).content.decode()
    assert 'value="22:00"' in page
    assert 'value="07:00"' in page
    client.post(PROFILE, form(version=2))
    assert Event.objects.about(person).first().changes == {
        "quiet_from": ["22:00:00", None],
        "quiet_until": ["07:00:00", None],
    }


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        ("22:00", "", "quiet_until"),
        ("", "07:00", "quiet_from"),
        ("22:00", "22:00", "quiet_until"),
        ("25:00", "07:00", "quiet_from"),
    ],
)
def test_quiet_hours_have_two_ends_and_an_end(cast, sign_in, begin, end, field):
    response = sign_in(cast.outsider).post(PROFILE, form(quiet_from=begin, quiet_until=end))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert User.objects.get(pk=cast.outsider.pk).quiet_from is None


def test_mails_about_changes_are_a_choice(cast, sign_in):
    client = sign_in(cast.outsider)
    off = form()
    del off["mail_changes"]
    assert client.post(PROFILE, off).status_code == 302
    assert not User.objects.get(pk=cast.outsider.pk).mail_changes
    page = client.get(PROFILE).content.decode()
    assert "cannot be switched off" in page


def test_a_stale_profile_is_told(cast, sign_in):
    client = sign_in(cast.outsider)
    assert client.post(PROFILE, form(language="en")).status_code == 302
    stale = client.post(PROFILE, form(quiet_from="22:00", quiet_until="07:00"))
    assert stale.status_code == 409
    assert stale.context["form"]["quiet_from"].value() == "22:00"
    assert User.objects.get(pk=cast.outsider.pk).quiet_from is None
