"""Signed in, signed out, refused: the visits of a person as their history keeps them."""

from django.db import transaction

from accounts.models import User
from audit import history


@transaction.atomic
def begin_session(*, person, now, methods) -> None:
    """A person has signed in; `methods`: how, in the order of the steps."""
    history.record(person, f"person.{_act(methods)}", by=person, now=now)


@transaction.atomic
def end_own_session(*, person, now) -> None:
    history.record(person, "person.signed_out", by=person, now=now)


@transaction.atomic
def hold_up(*, username, now) -> None:
    """Tries to sign in are refused for a while. A name that nobody has is remembered nowhere."""
    person = User.objects.filter(username=username).first()
    if person:
        history.record(person, "person.held_up", by=None, now=now)


def _act(methods) -> str:
    if "socialaccount" in methods:
        return "signed_in_with_company_account"
    if methods == ["webauthn"]:
        return "signed_in_with_passkey"
    return "signed_in_with_second_factor" if len(methods) > 1 else "signed_in"
