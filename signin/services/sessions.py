"""Signed in, signed out, refused: the visits of a person, and the browsers they come with."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.models import User
from audit import history
from signin.models import SignedIn

# So many are looked through; nobody has as many browsers.
AT_MOST = 100


@transaction.atomic
def begin_session(*, person, now, methods, key, device, address) -> SignedIn:
    """A person has signed in; `methods`: how, in the order of the steps."""
    history.record(person, f"person.{_act(methods)}", by=person, now=now)
    return SignedIn.objects.create(
        session_id=key,
        person=person,
        device=device[:300],
        address=address[:45],
        signed_in_at=now,
        seen_at=now,
    )


@transaction.atomic
def sign_out(*, person, now) -> None:
    history.record(person, "person.signed_out", by=person, now=now)


def living(person: User, now) -> list[SignedIn]:
    """The sessions that a request would still be answered in; two statements.

    Those that a new password or the end of an access has ended lie in the table until they expire.
    """
    used = {"session__expire_date__gt": now, "seen_at__gt": now - settings.SESSION_UNUSED}
    rows = SignedIn.objects.filter(person=person, **used)
    rows = rows.select_related("session")[:AT_MOST]
    return [row for row in rows if _fits(row.session, person)]


@transaction.atomic
def end_session(*, row: SignedIn, by, now) -> None:
    """Ends one session: its next request leads to sign-in."""
    _end([row.session_id])
    history.record(row.person, "person.session_ended", by=by, now=now)


@transaction.atomic
def end_other_sessions(*, person, but: str, by, now) -> int:
    """Ends all sessions of a person but that of this key; returns how many there were."""
    others = [row.session_id for row in living(person, now) if row.session_id != but]
    if others:
        _end(others)
        history.record(person, "person.other_sessions_ended", by=by, now=now)
    return len(others)


@transaction.atomic
def go_on(session, renew: Callable[[], None]) -> None:
    """`renew` gives the session another key; what is known of it goes on under the new one."""
    row = SignedIn.objects.filter(session=session.session_key).first()
    renew()
    if row:
        row.pk, row.session_id = None, session.session_key
        row.save(force_insert=True)


@transaction.atomic
def hold_up(*, username, now) -> None:
    """Tries to sign in are refused for a while. A name that nobody has is remembered nowhere."""
    person = User.objects.filter(username=username).first()
    if person:
        history.record(person, "person.held_up", by=None, now=now)


def clear_expired(now) -> int:
    """Removes the sessions that have expired, with what is known of them; returns how many."""
    expired = Session.objects.filter(expire_date__lte=now)
    return expired.delete()[1].get(Session._meta.label, 0)


def _end(keys: Iterable[str]) -> None:
    Session.objects.filter(pk__in=keys).delete()


def _fits(session, person) -> bool:
    found = session.get_decoded().get(HASH_SESSION_KEY, "")
    return constant_time_compare(found, person.get_session_auth_hash())


def _act(methods) -> str:
    if "socialaccount" in methods:
        return "signed_in_with_company_account"
    if methods == ["webauthn"]:
        return "signed_in_with_passkey"
    return "signed_in_with_second_factor" if len(methods) > 1 else "signed_in"
