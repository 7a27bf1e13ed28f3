"""At most ten tries per account and address in a quarter of an hour.

Tries that were refused here do not count, so the right person is back after fifteen minutes at
the latest, however long somebody else goes on trying.
"""

import datetime as dt
import unicodedata

from django.conf import settings
from django.utils.crypto import salted_hmac

from accounts.models import SignInAttempt

LIMIT = 10
WINDOW = dt.timedelta(minutes=15)


def may_try(*, account: str, address: str, now) -> bool:
    """Counts a try before the password is looked at; False when it is one too many.

    Each try is written before it is counted: of many at the same moment at most ten pass.
    """
    SignInAttempt.objects.filter(at__lte=now - WINDOW).delete()
    attempt = SignInAttempt.objects.create(key=_key(account, address), at=now)
    if SignInAttempt.objects.filter(key=attempt.key).count() <= LIMIT:
        return True
    attempt.delete()
    return False


def is_used_up(*, account: str, address: str) -> bool:
    """Whether the try just made was the last one for a while."""
    return SignInAttempt.objects.filter(key=_key(account, address)).count() == LIMIT


def forget(*, account: str, address: str) -> None:
    """The right password clears the tries before it."""
    SignInAttempt.objects.filter(key=_key(account, address)).delete()


def address_of(request) -> str:
    """Where a request comes from: the last hop the proxy saw; without a proxy, the connection.

    Earlier hops are whatever the sender claims.
    """
    if settings.HTTPS:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        return hops[-1].strip() or request.META.get("REMOTE_ADDR", "")
    return request.META.get("REMOTE_ADDR", "")


def _key(account, address):
    account = unicodedata.normalize("NFKC", account).casefold()
    return salted_hmac("accounts.throttle", f"{account}\n{address}", algorithm="sha256").hexdigest()
