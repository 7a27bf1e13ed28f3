"""Keeps the rows of what is owed as their subjects stand, and tells people of changes.

Called by the services of the stage apps, in the transaction that changes the subject.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import models, transaction

from accounts.models import User
from audit import history
from audit.models import Event
from deadlines import kinds
from deadlines.kinds import Kind, Owed
from deadlines.models import Deadline, Message, Notice
from deadlines.outbox import leaves_at, messages_for, nudge_after_commit
from deadlines.permissions import MESSAGE
from deadlines.policies import first_look
from deadlines.terms import Terms


@transaction.atomic
def keep_duties(*subjects: models.Model, now, how=Deadline.Settled.DONE) -> None:
    """What these rows owe, now that they were changed: opened, moved to another person or moment,
    or settled (`how`: done or cancelled). Doing it twice changes nothing.
    """
    terms = Terms.current(now)
    by_model = defaultdict(set)
    for subject in subjects:
        by_model[type(subject)].add(subject.pk)
    for model, ids in by_model.items():
        for kind in kinds.about(model):
            keep_kind(kind, ids, terms, how)


def keep_kind(kind: Kind, ids: Iterable[int], terms: Terms, how=Deadline.Settled.DONE) -> list[str]:
    """The same for the subjects of one kind, by id. Returns what was changed, a line each."""
    rows = open_rows(kind, ids).select_for_update(of=("self",))
    found = {(row.subject_id, row.period): row for row in rows}
    # Asked once the rows are ours: whoever held them may have settled what was owed before.
    wanted = what_is_owed(kind, ids, terms)
    changed = []
    for key in sorted(found.keys() | wanted.keys()):
        row, owed = found.get(key), wanted.get(key)
        what = _keep(kind, key, row, owed, terms, how)
        if what:
            changed.append(f"{kind.code} {key[0]} {key[1]}".strip() + f": {what}")
    return changed


@transaction.atomic
def move_duties(*, task, former: User, now) -> None:
    """What a person owes in a task whose lead has gone to somebody else: it follows at once.

    Also what is owed for parts of the task that the caller does not know.
    """
    by_kind, terms = defaultdict(set), Terms.current(now)
    rows = Deadline.objects.open().filter(task_id=task.pk, owner=former)
    for code, pk in rows.values_list("kind", "subject_id"):
        by_kind[code].add(pk)
    for code in sorted(by_kind):
        keep_kind(kinds.get(code), by_kind[code], terms)


def what_is_owed(kind: Kind, ids: Iterable[int], terms: Terms) -> dict[tuple[int, str], Owed]:
    """What the subjects of a kind owe, by id and period; read anew, whatever was in memory."""
    subjects = kind.may_owe().filter(pk__in=ids)
    return {(s.pk, owed.period): owed for s in subjects for owed in kind.owed(s, terms)}


def open_rows(kind: Kind, ids: Iterable[int]) -> models.QuerySet:
    label = kind.model._meta.label_lower
    rows = Deadline.objects.open().filter(kind=kind.code, subject_type=label, subject_id__in=ids)
    return rows.order_by("pk")


def as_owed(row: Deadline, owed: Owed) -> bool:
    """Whether a row says by whom and by when it is owed; its words may still differ."""
    return (row.owner_id, row.due_at) == (owed.owner.pk, owed.due.at)


def tells_the_line(row: Deadline, owed: Owed) -> bool:
    """Whether a row names the department whose line is told after its owner."""
    return row.department_id == (owed.department.pk if owed.department else None)


def _keep(kind, key, row, owed, terms, how) -> str:
    """Makes one row what is owed; returns what was done, "" for nothing."""
    if row and owed and as_owed(row, owed):
        return _reword(row, owed)
    if row:
        _settle(row, terms.now, Deadline.Settled.MOVED if owed else how)
    if owed:
        _open(kind, key, owed, terms)
    return "moved" if row and owed else "settled" if row else "opened"


def _open(kind, key, owed, terms) -> None:
    moments = (moment for moment, _step in terms.moments(kind.code, owed.due.at))
    Deadline.objects.create(
        kind=kind.code,
        subject_type=kind.model._meta.label_lower,
        subject_id=key[0],
        period=owed.period,
        owner=owed.owner,
        due_at=owed.due.at,
        opened_at=terms.now,
        next_at=first_look(moments, terms.now),
        **_words(owed),
    )


def _reword(row, owed) -> str:
    words = _words(owed)
    if all(getattr(row, name) == value for name, value in words.items()):
        return ""
    Deadline.objects.filter(pk=row.pk).update(**words)
    return "reworded"


def _words(owed) -> dict:
    """What a row says beside who and when."""
    return {
        "what": owed.what[:300],
        "context": str(owed.task or "")[:300],
        "link": owed.link,
        "task_id": owed.task.pk if owed.task else None,
        "department_id": owed.department.pk if owed.department else None,
        "rule": owed.due.rule.value,
        "since": owed.due.since,
        "within": owed.due.within,
    }


@transaction.atomic
def settle_task(*, task, now, how=Deadline.Settled.CANCELLED) -> int:
    """Settles everything still open in a task that has ended. Returns how many there were."""
    return (
        Deadline.objects.open()
        .filter(task_id=task.pk)
        .update(settled_at=now, settled_how=how, next_at=None)
    )


@transaction.atomic
def tell(
    *,
    event: Event,
    people: Iterable,
    link: str,
    now,
    task=None,
    required=False,
    stands_alone=False,
    at_once=False,
) -> None:
    """Tells people of a change that concerns them, each once; never the one who made it (R12).

    What one person is told in one act, by however many events, goes out as one mail. What is
    `required` is mailed to those, too, who want no mail about changes; what `stands_alone` is
    also a mail of its own. What goes `at_once` does not wait for the end of quiet hours: the person
    is at the screen and waits for it.
    """
    told = set(Notice.objects.filter(event=event).values_list("recipient_id", flat=True))
    told.add(event.actor_id)
    recipients = {p.pk: p for p in people if p and p.is_active and p.pk not in told}
    moments = {pk: now if at_once else leaves_at(person, now) for pk, person in recipients.items()}
    messages = messages_for(moments, now, apart=stands_alone)
    if recipients:
        nudge_after_commit()
    Notice.objects.bulk_create(
        Notice(
            recipient=person,
            event=event,
            message=messages[pk],
            context=str(task or "")[:300],
            link=link,
            created_at=now,
            required=required or stands_alone,
        )
        for pk, person in recipients.items()
    )


def see_messages(*, by: User, now, ids: Iterable[int] | None = None) -> int:
    """A person had their messages before their eyes: these, or all. Returns how many were new."""
    new = Message.objects.not_seen_by(by)
    new = new if ids is None else new.filter(pk__in=ids)
    return new.update(seen_at=now)


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


def _settle(deadline, now, how) -> bool:
    return bool(
        Deadline.objects.open()
        .filter(pk=deadline.pk)
        .update(settled_at=now, settled_how=how, next_at=None)
    )
