"""The outbox: mails that wait to leave, one per person and moment, and a hint to deliver them."""

import datetime as dt
import logging
import threading
from collections import defaultdict
from collections.abc import Mapping

from celery import current_app
from django.db import transaction
from django.db.models import Q

from accounts.models import Organisation, User
from accounts.quiet import quiet_until
from deadlines.models import Message

logger = logging.getLogger(__name__)
DELIVER = "deadlines.jobs.deliver"
# A mail that waits longer than this waits for a person, not for the end of a run of the sweep.
HELD = dt.timedelta(seconds=60)
_under_way = defaultdict(threading.Lock)


def leaves_at(
    person: User, now: dt.datetime, *, zone=None, not_after: dt.datetime | None = None
) -> dt.datetime:
    """When a mail may leave: at the end of the person's quiet hours, but never past `not_after`."""
    if person.quiet_from is None:
        return now
    quiet = quiet_until(person, now, zone or Organisation.current().zone)
    if quiet is None:
        return now
    return max(now, min(quiet, not_after)) if not_after else quiet


def messages_for(
    people: Mapping[int, dt.datetime], now: dt.datetime, *, apart: bool = False
) -> dict[int, Message]:
    """The waiting message of each person (by id), to leave at the moment given.

    What is told at one moment is one mail, and joins the mail that waits for the end of the
    person's quiet hours; what stands `apart` is a mail of its own. Call it in the transaction that
    adds what the mails say: the rows stay locked until its end, so no delivery takes a mail before
    its words are there.
    """
    waiting = [] if apart else _to_join(people, now)
    found = {message.recipient_id: message for message in waiting}
    for pk, message in found.items():
        _join(message, people[pk])
    new = Message.objects.bulk_create(
        Message(recipient_id=pk, created_at=now, next_attempt_at=people[pk], stands_alone=apart)
        for pk in sorted(people.keys() - found.keys())
    )
    return found | {message.recipient_id: message for message in new}


def _to_join(people, now):
    """The messages of these people that no process has begun to send: of now, or held back
    until quiet hours end (those of a run of the sweep leave with it).

    One that somebody else is just adding to is left to them: a form that waited for it could hold
    the deadline for which the sweep waits. Then two mails wait until the morning.
    """
    return (
        Message.objects.select_for_update(skip_locked=True)
        .filter(Q(created_at=now) | Q(next_attempt_at__gt=now + HELD), recipient__in=people)
        .filter(state=Message.State.QUEUED, attempts=0, stands_alone=False)
        .order_by("pk")
    )


def _join(message, leaves) -> None:
    """It leaves no later than this; who has seen it under the bell has not seen what joins it."""
    if leaves < message.next_attempt_at or message.seen_at:
        message.next_attempt_at = min(leaves, message.next_attempt_at)
        message.seen_at = None
        message.save(update_fields=["next_attempt_at", "seen_at"])


def nudge_after_commit(job: str = DELIVER) -> None:
    """Has a worker do a job at once after this transaction, by one nudge however many ask."""

    def callback():
        nudge(job)

    callback.job = job
    waiting = transaction.get_connection().run_on_commit
    if job not in {getattr(other, "job", None) for _savepoints, other, _robust in waiting}:
        transaction.on_commit(callback, robust=True)


def nudge(job: str = DELIVER) -> None:
    """Asks a worker for a job now. A hint only: the next regular run does it anyway.

    The broker is called beside the request, once at a time for a job: a dead one costs the person
    nothing (in line it cost 2 s when refused, 5 s when hanging).
    """
    if _under_way[job].acquire(blocking=False):
        threading.Thread(target=_call_worker, args=[job], daemon=True).start()


def _call_worker(job) -> None:
    try:
        current_app.send_task(job, expires=18)
    except Exception as error:
        logger.warning("The broker does not answer, it is done with the next run: %s", error)
    finally:
        _under_way[job].release()
