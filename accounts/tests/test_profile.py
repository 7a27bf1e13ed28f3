"""What people settle themselves: when they are not to be reminded, and which mails they want."""

import datetime as dt

import pytest

from accounts.models import User
from audit.models import Event

PROFILE = "/profile/"


def form(**changes):
    return {"email": "k@example.com", "language": "", "mail_changes": "on", "version": 1} | changes


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
