"""Delivers the waiting mails: claim, commit, ask again, send, record the server's answer.

A process that dies in between leaves a lease that ends, and the mail is sent by the next one.
Only a death between the server's answer and its record gives a second copy, with the same
Message-ID.
"""

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from deadlines.mails import Mail, compose
from deadlines.models import Message
from deadlines.told import Withdrawn

logger = logging.getLogger(__name__)

# Longer than a server that answers each step at the last moment (settings.EMAIL_TIMEOUT) takes.
LEASE = dt.timedelta(seconds=90)
BACKOFF = [dt.timedelta(minutes=m) for m in (1, 5, 30, 120)]
# One run: shorter than the time between two, so that a slow server does not fill the workers.
RUN_FOR = dt.timedelta(seconds=15)
BATCH = 500
# Between two tries to reach a database that is away, in seconds.
PAUSE = 0.5


@dataclass(frozen=True)
class DeliveryResult:
    """What became of the messages of one run; `postponed` ones are tried again."""

    sent: int = 0
    cancelled: int = 0
    postponed: int = 0
    failed: int = 0


class NotTaken(Exception):
    """The mail server took no mail, and said nothing."""


def deliver(
    *,
    clock: Callable[[], dt.datetime] = timezone.now,
    connection: BaseEmailBackend | None = None,
) -> DeliveryResult:
    """Sends what is due, over one connection, until the time of a run is up.

    While the mail server cannot be reached nothing is claimed and no attempt is counted: mails
    leave within one run of its return.
    """
    began, counts = clock(), Counter()
    connection = connection or get_connection()
    waiting = list(Message.objects.to_deliver(began).select_related("recipient")[:BATCH])
    try:
        for message in waiting:
            if clock() - began >= RUN_FOR or not _reach(connection, waiting):
                break
            if Message.objects.claim(message, now=clock(), lease=LEASE):
                counts[_deliver_claimed(message, clock, connection)] += 1
    finally:
        _hang_up(connection)
    return DeliveryResult(**counts)


def _reach(connection, waiting) -> bool:
    """Whether the mail server answers; if not, what waits says so to the administrators."""
    try:
        connection.open()
    except OSError as error:
        logger.warning("The mail server cannot be reached: %s", error)
        reason = _words(error)
        Message.objects.waiting().filter(pk__in=[m.pk for m in waiting]).exclude(
            last_error=reason
        ).update(last_error=reason)
        return False
    return True


def _hang_up(connection) -> None:
    with suppress(OSError):
        connection.close()


def _deliver_claimed(message, clock, connection) -> str:
    """What became of it, as a field of DeliveryResult."""
    message.refresh_from_db()
    try:
        mail = compose(message, clock())
        if connection.send_messages([_envelope(message, mail, connection)]) != 1:
            raise NotTaken
    except Withdrawn as withdrawn:
        return _cancel(message, withdrawn.reason)
    except Exception as error:
        # One mail that cannot be written or sent holds up no other; after a refusal the
        # connection is in an unknown state, the next mail opens a new one.
        logger.warning("Message %s was not sent: %r", message.pk, error)
        _hang_up(connection)
        return _postpone(message, error, clock())
    return _record_sent(message, mail, clock)


def _envelope(message, mail, connection) -> EmailMultiAlternatives:
    envelope = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[message.recipient.email],
        headers=_headers(message, mail),
        connection=connection,
    )
    envelope.attach_alternative(mail.html, "text/html")
    return envelope


def _headers(message, mail: Mail) -> dict[str, str]:
    headers = {
        "Message-ID": message.message_id,
        "Auto-Submitted": "auto-generated",
        "Content-Language": mail.language,
    }
    if mail.unsubscribe_url:
        # The mail program's own button ends these mails at once (RFC 8058).
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _record_sent(message, mail, clock) -> str:
    """True whoever holds the lease by now: the server has it.

    A database that is away is waited for until the lease ends; forgetting would send a copy.
    """
    while True:
        try:
            Message.objects.filter(pk=message.pk).update(
                state=Message.State.SENT,
                sent_at=clock(),
                next_attempt_at=None,
                last_error="",
                subject=mail.subject,
                text=mail.kept,
            )
            return "sent"
        except OperationalError:
            if clock() >= message.next_attempt_at:
                raise
            database.close()
            time.sleep(PAUSE)


def _cancel(message, reason) -> str:
    _ours(message).update(state=Message.State.CANCELLED, next_attempt_at=None, last_error=reason)
    return "cancelled"


def _postpone(message, error, now) -> str:
    """Tries again after 1, 5, 30 minutes and 2 hours; then it failed, and a person must look."""
    again = message.attempts <= len(BACKOFF)
    _ours(message).update(
        state=Message.State.QUEUED if again else Message.State.FAILED,
        next_attempt_at=now + BACKOFF[message.attempts - 1] if again else None,
        last_error=_words(error),
    )
    return "postponed" if again else "failed"


def _ours(message):
    """The row while our lease holds: an attempt that another process began is its own."""
    return Message.objects.filter(
        pk=message.pk, state=Message.State.SENDING, attempts=message.attempts
    )


def _words(error) -> str:
    return f"{type(error).__name__}: {error}"[:500]
