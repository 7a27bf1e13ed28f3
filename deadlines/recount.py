"""Compares what is owed with its rows and puts right what differs; every night it finds nothing.

Also after the calendar, the time zone or a ladder was changed: due moments and reminders that
rest on them are computed anew.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from deadlines import kinds
from deadlines.kinds import Kind
from deadlines.models import Deadline, Run
from deadlines.outbox import nudge_after_commit
from deadlines.policies import next_look
from deadlines.services import as_owed, keep_kind, open_rows, tells_the_line, what_is_owed
from deadlines.terms import Terms

JOB = "reconcile"
CHUNK = 500


@dataclass
class Recount:
    """How many subjects were compared, and what was put right, a line each."""

    checked: int = 0
    repaired: list[str] = field(default_factory=list)


def reconcile(now: dt.datetime) -> Recount:
    """Compares every subject that may owe something, and every open row, with the other."""
    result, asked_at = Recount(), _asked_at()
    for kind in kinds.every():
        for ids in _chunks(kind):
            terms = Terms.current(now)
            result.checked += len(ids)
            wrong = differing(kind, ids, terms)
            result.repaired += _put_right(kind, wrong, terms)
            _plan_anew(kind, ids, terms, asked_at or now)
    # What was asked for meanwhile stays asked for.
    Run.objects.filter(job=JOB, asked_at=asked_at).update(asked_at=None)
    return result


def differing(kind: Kind, ids: list[int], terms: Terms) -> list[int]:
    """The subjects whose open rows do not say what they owe."""
    wanted = what_is_owed(kind, ids, terms)
    found = {(row.subject_id, row.period): row for row in open_rows(kind, ids)}
    return sorted(
        {
            key[0]
            for key in wanted.keys() | found.keys()
            if not (key in wanted and key in found and _agree(found[key], wanted[key]))
        }
    )


def _agree(row, owed) -> bool:
    return as_owed(row, owed) and tells_the_line(row, owed)


def differences(now: dt.datetime) -> list[str]:
    """What `reconcile` would put right, as "kind id"; changes nothing."""
    terms = Terms.current(now)
    return [
        f"{kind.code} {pk}"
        for kind in kinds.every()
        for ids in _chunks(kind)
        for pk in differing(kind, ids, terms)
    ]


@transaction.atomic
def of_department(department, now: dt.datetime) -> None:
    """What a department's people owe, after another head or contact was named: it moves at once.

    Whoever is just changing one of its tasks is waited for, or sees the new head.
    """
    kinds.lock_tasks_of(department)
    terms = Terms.current(now)
    for kind in kinds.every():
        rows = Deadline.objects.open().filter(kind=kind.code, department=department)
        for ids in _in_chunks(rows.order_by("subject_id"), "subject_id"):
            keep_kind(kind, differing(kind, ids, terms), terms)


@transaction.atomic
def after_change(now: dt.datetime) -> None:
    """Asks for a recount: a worker is nudged, and the next minute's run finds the question.

    Of several changes the first counts, unless a run has begun since: it may have seen only that.
    """
    Run.objects.get_or_create(job=JOB, defaults={"began_at": now, "ended_at": now})
    unasked = Q(asked_at=None) | Q(asked_at__lt=F("began_at"))
    Run.objects.filter(unasked, job=JOB).update(asked_at=now)
    nudge_after_commit("deadlines.jobs.reconcile_if_asked")


def is_asked_for() -> bool:
    return _asked_at() is not None


def _asked_at() -> dt.datetime | None:
    return Run.objects.filter(job=JOB).values_list("asked_at", flat=True).first()


def _chunks(kind: Kind) -> Iterator[list[int]]:
    """The ids of a kind's subjects, then those of open rows whose subject owes nothing any more."""
    yield from _in_chunks(kind.may_owe().order_by("pk"), "pk")
    yield from _in_chunks(
        Deadline.objects.open()
        .filter(kind=kind.code)
        .exclude(subject_id__in=kind.may_owe().order_by().values("pk"))
        .order_by("subject_id"),
        "subject_id",
    )


def _in_chunks(rows, name) -> Iterator[list[int]]:
    last = 0
    while True:
        page = rows.filter(**{f"{name}__gt": last}).values_list(name, flat=True)[:CHUNK]
        if not (ids := list(page)):
            return
        yield sorted(set(ids))
        last = ids[-1]


def _put_right(kind, ids, terms) -> list[str]:
    """One by one, looking again with the subject locked: somebody may just be changing it."""
    repaired = []
    for pk in ids:
        try:
            with transaction.atomic():
                kind.model._base_manager.select_for_update().filter(pk=pk).first()
                repaired += keep_kind(kind, [pk], terms, Deadline.Settled.CANCELLED)
        except IntegrityError:
            continue
    return repaired


def _plan_anew(kind, ids, terms, since) -> None:
    """Sets when each ladder is looked at next, where it is not what the ladder says now.

    Since the change, however late the recount: a step whose moment came meanwhile is still told.
    Rows whose moment had come before are the sweep's, rows opened later are as they should be.
    """
    rows = open_rows(kind, ids).filter(opened_at__lte=since).exclude(next_at__lte=since)
    for row in rows.only("pk", "due_at", "next_at"):
        moments = (moment for moment, _step in terms.moments(kind.code, row.due_at))
        wanted = next_look(moments, since)
        if row.next_at != wanted:
            Deadline.objects.open().filter(pk=row.pk, next_at=row.next_at).update(next_at=wanted)
