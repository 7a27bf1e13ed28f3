"""Opens, moves and settles deadlines, and tells people of changes.

Called by the services of the stage apps, in the transaction that changes the subject.
"""

from collections.abc import Iterable

from django.db import transaction

from audit import history
from audit.models import Event
from deadlines import kinds
from deadlines.models import Deadline, Message, Notice
from deadlines.outbox import messages_for, nudge_after_commit
from deadlines.permissions import MESSAGE


@transaction.atomic
def open_deadline(*, kind, subject, owner, due_at, what, link, now, task=None) -> Deadline:
    """`owner` owes `subject` by `due_at`. An open one for the same subject is moved or updated.

    `what` is the subject in the people's own words, `link` the path of the form that settles it.
    Opening the same thing twice leaves one row.
    """
    words = {"what": what[:300], "context": str(task or "")[:300], "link": link}
    current = _open(kind, subject)
    if current and (current.owner_id, current.due_at) == (owner.pk, due_at):
        Deadline.objects.filter(pk=current.pk).update(**words)
        return current
    if current:
        _settle(current, now, Deadline.Settled.MOVED)
    return Deadline.objects.create(
        kind=kind,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        task_id=task.pk if task else None,
        owner=owner,
        due_at=due_at,
        opened_at=now,
        next_at=kinds.get(kind).moments(due_at)[0],
        **words,
    )


@transaction.atomic
def settle(*, kind, subject, now, how=Deadline.Settled.DONE) -> bool:
    """Settles the open deadline of this kind and subject. Returns whether there was one."""
    current = _open(kind, subject)
    return bool(current and _settle(current, now, how))


@transaction.atomic
def settle_task(*, task, now, how=Deadline.Settled.CANCELLED) -> int:
    """Settles everything still open in a task that has ended. Returns how many there were."""
    return (
        Deadline.objects.open()
        .filter(task_id=task.pk)
        .update(settled_at=now, settled_how=how, next_at=None)
    )


@transaction.atomic
def tell(*, event: Event, people: Iterable, link: str, now, task=None) -> None:
    """Tells people of a change that concerns them, each once; never the one who made it (R12).

    What one person is told in one act, by however many events, goes out as one mail.
    """
    told = set(Notice.objects.filter(event=event).values_list("recipient_id", flat=True))
    told.add(event.actor_id)
    recipients = {p.pk: p for p in people if p and p.is_active and p.pk not in told}
    messages = messages_for(recipients, now)
    Notice.objects.bulk_create(
        Notice(
            recipient=person,
            event=event,
            message=messages[pk],
            context=str(task or "")[:300],
            link=link,
            created_at=now,
        )
        for pk, person in recipients.items()
    )


@transaction.atomic
def retry_message(*, message: Message, by, now) -> Message:
    """Puts a failed message back into the queue, with all its attempts ahead of it."""
    MESSAGE.require(by, "retry", message)
    history.move(
        message,
        "message.retried",
        by=by,
        now=now,
        old=Message.State.FAILED,
        to=Message.State.QUEUED,
        attempts=0,
        next_attempt_at=now,
    )
    nudge_after_commit()
    return message


def _open(kind, subject):
    return Deadline.objects.open().of(subject).filter(kind=kind).select_for_update().first()


def _settle(deadline, now, how) -> bool:
    return bool(
        Deadline.objects.open()
        .filter(pk=deadline.pk)
        .update(settled_at=now, settled_how=how, next_at=None)
    )
