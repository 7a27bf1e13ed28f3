"""The sweep of every minute: the steps whose moment has come become mails (R30).

Late, twice, beside another one, after days without a run or with a clock that jumps back: each
deadline only ever moves forward, by compare-and-swap, in the transaction that writes what it
tells. Rows end up as a perfect clock would have them; nothing is lost, nothing is told twice.
"""

import datetime as dt
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from deadlines import kinds
from deadlines.line import Line
from deadlines.models import Deadline, Message, Reminder, Role
from deadlines.outbox import HELD, leaves_at, messages_for, nudge_after_commit
from deadlines.policies import next_look
from deadlines.terms import Terms

# Deadlines in one transaction: a person's form waits for no longer than this takes.
BATCH = 200
# One run in seconds, shorter than the minute between two; the rest waits for the next.
RUN_FOR = 45


@dataclass(frozen=True)
class SweepResult:
    """How many deadlines were looked at, and how many reminders they gave."""

    deadlines: int = 0
    reminders: int = 0


class SweptMeanwhile(Exception):
    """Another sweep moved rows of this batch first; it tells what they say."""


def sweep(now: dt.datetime) -> SweepResult:
    """Writes a reminder for every step whose moment has come, of every open deadline.

    What one person is told in one run is one mail, steps that were missed included.
    """
    began, counts = time.monotonic(), Counter()
    try:
        while time.monotonic() - began < RUN_FOR:
            done = _sweep_batch(now)
            counts.update(done)
            if done["deadlines"] < BATCH:
                break
    except SweptMeanwhile:
        pass
    finally:
        if counts["reminders"]:
            _let_go(now)
    return SweepResult(**counts)


def plan(
    deadlines: Iterable[Deadline], terms: Terms, *, since: dt.datetime | None = None
) -> list[Reminder]:
    """The reminders, not yet saved, that these deadlines give now: each step once to a person.

    Of the steps whose moment has come and that no sweep has told; `since` leaves out earlier ones.
    """
    deadlines = list(deadlines)
    line = Line(deadlines, terms.today)
    return [
        Reminder(
            deadline=deadline,
            step=step.code,
            moment=moment,
            recipient=person,
            role=role,
            on_behalf_of=absent,
            created_at=terms.now,
        )
        for deadline in deadlines
        for moment, step in terms.moments(deadline.kind, deadline.due_at)
        if max(deadline.next_at, since or deadline.next_at) <= moment <= terms.now
        for person, role, absent in _told(line, deadline, step)
    ]


def due(now: dt.datetime):
    """The deadlines to look at, longest waiting first; their owners are loaded once each."""
    # A kind whose app is gone keeps its rows waiting, and nobody else's.
    known = Deadline.objects.to_remind(now).filter(kind__in=kinds.codes())
    return known.prefetch_related("owner")


def leave_at(reminders: Iterable[Reminder], terms: Terms) -> dict[int, dt.datetime]:
    """When the mail to each person leaves: quiet hours hold it back, never past a due moment."""
    moments = {}
    for reminder in reminders:
        due_at = reminder.deadline.due_at
        not_after = due_at if reminder.moment <= due_at else None
        at = leaves_at(reminder.recipient, terms.now, zone=terms.zone, not_after=not_after)
        earlier = moments.get(reminder.recipient_id, at)
        moments[reminder.recipient_id] = min(at, earlier)
    return moments


@transaction.atomic
def _sweep_batch(now) -> dict[str, int]:
    # Never waits for a row that a person's form is settling: PostgreSQL skips it until the next
    # run. SQLite ignores the lock; there the compare-and-swap decides.
    batch = list(due(now).select_for_update(skip_locked=True)[:BATCH])
    if not batch:
        return {"deadlines": 0, "reminders": 0}
    terms = Terms.current(now)
    reminders = plan(batch, terms)
    _advance(batch, terms)
    return {"deadlines": len(batch), "reminders": _record(reminders, terms)}


def _told(line, deadline, step):
    """(person, role, for whom) of everybody whom a step tells, stand-ins last."""
    people = line.told(deadline, step.roles)
    copies = [(other, Role.STAND_IN, absent) for other, absent in line.stand_ins_for(people)]
    once = {person.pk: (person, role, absent) for person, role, absent in copies}
    return [*((person, role, None) for person, role in people.items()), *once.values()]


def _advance(batch, terms) -> None:
    """Moves a batch to its next steps if every row still stands as it was read."""
    as_read = Q(*(Q(pk=d.pk, next_at=d.next_at) for d in batch), _connector=Q.OR)
    for deadline in batch:
        moments = (moment for moment, _step in terms.moments(deadline.kind, deadline.due_at))
        deadline.next_at = next_look(moments, terms.now)
    moved = Deadline.objects.open().filter(as_read).bulk_update(batch, ["next_at"])
    if moved != len(batch):
        raise SweptMeanwhile


def _record(reminders, terms) -> int:
    """Saves the reminders with their messages. A step told before, under a ladder that was
    changed since, is not told again.
    """
    told = set(
        Reminder.objects.filter(deadline__in={r.deadline_id for r in reminders}).values_list(
            "deadline_id", "step", "recipient_id"
        )
    )
    new = [r for r in reminders if (r.deadline_id, r.step, r.recipient_id) not in told]
    # The mails of a run leave together at its end; if it is killed, a minute later by themselves.
    end = terms.now + HELD
    leaving = {pk: max(at, end) for pk, at in leave_at(new, terms).items()}
    messages = messages_for(leaving, terms.now)
    for reminder in new:
        reminder.message = messages[reminder.recipient_id]
    Reminder.objects.bulk_create(new)
    return len(new)


@transaction.atomic
def _let_go(now) -> None:
    """The run is over: its mails, one to a person, may leave."""
    nudge_after_commit()
    waiting = Message.objects.filter(state=Message.State.QUEUED, attempts=0)
    waiting.filter(next_attempt_at=now + HELD).update(next_attempt_at=now)
