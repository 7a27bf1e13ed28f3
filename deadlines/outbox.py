"""The outbox: mails that wait to leave, one per person and moment, and a hint to deliver them."""

import datetime as dt
import logging
import threading
from collections.abc import Iterable

from celery import current_app
from django.db import transaction

from deadlines.models import Message

logger = logging.getLogger(__name__)
_under_way = threading.Lock()


def messages_for(people: Iterable[int], now: dt.datetime) -> dict[int, Message]:
    """The waiting message of each person (by id): what is told at one moment is one mail.

    Call it in the transaction that adds what the mails say. The rows stay locked until its end,
    so no delivery takes a mail before its words are there.
    """
    wanted = set(people)
    if not wanted:
        return {}
    nudge_after_commit()
    waiting = Message.objects.select_for_update().filter(
        recipient__in=wanted, state=Message.State.QUEUED, created_at=now
    )
    found = {message.recipient_id: message for message in waiting}
    new = Message.objects.bulk_create(
        Message(recipient_id=person, created_at=now, next_attempt_at=now)
        for person in sorted(wanted - found.keys())
    )
    return found | {message.recipient_id: message for message in new}


def nudge_after_commit() -> None:
    """Has the mails of this transaction leave at once, by one nudge however many they are."""
    callbacks = transaction.get_connection().run_on_commit
    if not any(callback is nudge for _savepoints, callback, _robust in callbacks):
        transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Asks a worker to deliver now. A hint only: the next run finds the mails anyway.

    The broker is called beside the request, once at a time: a dead one costs the person nothing
    (in line it cost 2 s when refused, 5 s when hanging).
    """
    if _under_way.acquire(blocking=False):
        threading.Thread(target=_call_worker, daemon=True).start()


def _call_worker() -> None:
    try:
        current_app.send_task("deadlines.jobs.deliver", expires=18)
    except Exception as error:
        logger.warning("The broker does not answer, mails leave with the next run: %s", error)
    finally:
        _under_way.release()
