"""The sweep of every minute: the steps whose moment has come become mails (R30).

Late, twice, beside another one, after days without a run or with a clock that jumps back: each
deadline only ever moves forward, by compare-and-swap, in the transaction that writes what it
tells. Rows end up the same; nothing is lost and nothing is told twice.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from deadlines import kinds
from deadlines.models import Deadline, Reminder
from deadlines.outbox import messages_for
from deadlines.policies import latest_due, next_moment

# Deadlines in one transaction: a person's form waits for no longer than this takes (some 20 ms).
BATCH = 100
# Batches in one run; the rest waits a minute.
BATCHES = 100


@dataclass(frozen=True)
class SweepResult:
    """How many deadlines were looked at, and how many reminders they gave."""

    deadlines: int = 0
    reminders: int = 0


class SweptMeanwhile(Exception):
    """Another sweep moved rows of this batch first; it tells what they say."""


def sweep(now: dt.datetime) -> SweepResult:
    """Writes a reminder for every deadline whose next step's moment has come.

    Of the steps that were missed only the latest is told; what one person is told in one run is
    one mail.
    """
    counts = Counter()
    for _run in range(BATCHES):
        try:
            done = _sweep_batch(now)
        except SweptMeanwhile:
            break
        counts.update(done)
        if done["deadlines"] < BATCH:
            break
    return SweepResult(**counts)


def plan(deadlines: Iterable[Deadline], now: dt.datetime) -> list[Reminder]:
    """The reminders, not yet saved, that these deadlines give now: to active people, each once."""
    return [
        Reminder(deadline=deadline, step=step.code, recipient=person, moment=now, created_at=now)
        for deadline in deadlines
        for step in _step_to_tell(deadline, now)
        for person in {p.pk: p for p in step.audience(deadline) if p.is_active}.values()
    ]


def due(now: dt.datetime):
    """The deadlines to look at, longest waiting first; their owners are loaded once each."""
    # A kind whose app is gone keeps its rows waiting, and nobody else's.
    known = Deadline.objects.to_remind(now).filter(kind__in=kinds.codes())
    return known.prefetch_related("owner")


@transaction.atomic
def _sweep_batch(now) -> dict[str, int]:
    # Never waits for a row that a person's form is settling: PostgreSQL skips it until the next
    # run. SQLite ignores the lock; there the compare-and-swap decides.
    batch = list(due(now).select_for_update(skip_locked=True)[:BATCH])
    reminders = plan(batch, now)
    _advance(batch, now)
    return {"deadlines": len(batch), "reminders": _record(reminders, now)}


def _step_to_tell(deadline, now):
    kind = kinds.get(deadline.kind)
    index = latest_due(kind.moments(deadline.due_at), deadline.next_at, now)
    return [] if index is None else [kind.ladder[index]]


def _advance(batch, now) -> None:
    """Moves a batch to its next steps if every row still stands as it was read."""
    as_read = Q(*(Q(pk=d.pk, next_at=d.next_at) for d in batch), _connector=Q.OR)
    for deadline in batch:
        moments = kinds.get(deadline.kind).moments(deadline.due_at)
        deadline.next_at = next_moment(moments, now)
    moved = Deadline.objects.open().filter(as_read).bulk_update(batch, ["next_at"])
    if moved != len(batch):
        raise SweptMeanwhile


def _record(reminders, now) -> int:
    """Saves the reminders with their messages. A step told before, under a ladder that was
    changed since, is not told again.
    """
    told = set(
        Reminder.objects.filter(deadline__in={r.deadline_id for r in reminders}).values_list(
            "deadline_id", "step", "recipient_id"
        )
    )
    new = [r for r in reminders if (r.deadline_id, r.step, r.recipient_id) not in told]
    messages = messages_for({r.recipient_id for r in new}, now)
    for reminder in new:
        reminder.message = messages[reminder.recipient_id]
    Reminder.objects.bulk_create(new)
    return len(new)
