"""The link in mails that only tell of changes: whoever holds it may stop them for its person."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.models import User

# Mails are kept for years, and their link must go on working: it names the person, not a date.
_signer = Signer(sep=".", salt="accounts.unsubscribe")


def unsubscribe_url(person: User) -> str:
    """The address for `List-Unsubscribe` and for a link (RFC 8058: a POST to it unsubscribes)."""
    return settings.SITE_URL + reverse("accounts:unsubscribe", args=[token_of(person)])


def token_of(person: User) -> str:
    return _signer.sign(str(person.pk))


def person_of(token: str) -> User | None:
    """The active person whom a token of ours names."""
    try:
        pk = _signer.unsign(token)
    except BadSignature:
        return None
    return User.objects.active().filter(pk=pk).first()
