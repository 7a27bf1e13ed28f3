"""Seals the history, so that whoever changes it past the system is found out.

A seal holds the SHA-256 of each entry it vouches for, and over them, its own fields and the seal
before it an HMAC-SHA256 under a key that is not in the database (settings.HISTORY_KEYS). A minute's
job seals what is new; nothing is ever sealed again.
"""

import hashlib
import json
import re

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.utils import OperationalError
from django.utils.crypto import constant_time_compare, salted_hmac

from audit.models import Event, Seal
from coordination.plain import to_plain

FIELDS = [field.attname for field in Event._meta.local_fields]
# Fields that came later: without a value they are not part of an entry, as when they were unknown.
LATER = {"in_place_of": ""}
ENTRY = re.compile(r"(?P<id>[0-9]{1,18}) (?P<digest>[0-9a-f]{64})")
BATCH = 1000
# A first run over an old history is taken up by the next minute.
AT_ONCE = 100
# Writers wait behind whoever waits for them, so the wait is short; the next minute tries again.
PATIENCE = "300ms"
LOCK = 7_305_205
"""Held, shared, by every transaction that adds an entry on PostgreSQL (migration 0003)."""


def seal_new(now) -> int:
    """Seals the entries that are not sealed yet, oldest first; returns how many.

    Each seal is a transaction of its own. Of two runs at once one finds the number taken and ends.
    """
    end, sealed = last_complete(), 0
    for _turn in range(AT_ONCE):
        try:
            number = _seal_next(end, now)
        except IntegrityError:
            break
        sealed += number
        if number < BATCH:
            break
    return sealed


def last_complete() -> int:
    """The id up to which every entry is in the database or never will be; 0 for none.

    Ids are given out before they are committed: on PostgreSQL the newest that can be seen is asked
    for at a moment at which nobody is writing one. Without such a moment soon, the last sealed.
    """
    try:
        with transaction.atomic():
            _wait_for_writers()
            newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first()
    except OperationalError:
        newest = Seal.objects.values_list("last_id", flat=True).first()
    return newest or 0


def _wait_for_writers():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def _seal_next(end: int, now) -> int:
    last = Seal.objects.first()
    after = last.last_id if last else 0
    events = Event.objects.filter(pk__gt=after, pk__lte=end).order_by("pk").values_list(*FIELDS)
    rows = list(events[:BATCH])
    if rows:
        digests = "\n".join(f"{row[0]} {digest_of(row)}" for row in rows)
        seal = Seal(
            number=last.number + 1 if last else 1,
            sealed_at=now,
            last_id=rows[-1][0],
            digests=digests,
            previous=last.digest if last else "",
        )
        seal.digest = _sign(seal, settings.HISTORY_KEYS[0])
        seal.save(force_insert=True)
    return len(rows)


def digest_of(row: tuple) -> str:
    """The SHA-256 of an entry, given as its FIELDS: of its canonical JSON, keys in order."""
    plain = {
        name: to_plain(value)
        for name, value in zip(FIELDS, row, strict=True)
        if name not in LATER or value != LATER[name]
    }
    text = json.dumps(
        plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=repr
    )
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def is_genuine(seal: Seal) -> bool:
    """Whether a seal is as it was made with one of our keys."""
    return any(constant_time_compare(seal.digest, _sign(seal, k)) for k in settings.HISTORY_KEYS)


def _sign(seal, key) -> str:
    parts = [seal.number, to_plain(seal.sealed_at), seal.last_id, seal.previous, seal.digests]
    text = "\n".join(map(str, parts))
    return salted_hmac("audit.seals", text, secret=key, algorithm="sha256").hexdigest()


def entries_of(seal: Seal) -> dict[int, str]:
    """The SHA-256 of each entry that a seal vouches for, by id; other lines are left out."""
    lines = (ENTRY.fullmatch(line) for line in seal.digests.split("\n"))
    return {int(line["id"]): line["digest"] for line in lines if line}
