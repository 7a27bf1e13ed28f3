"""Checks that every archive is still what was signed, and none is missing (R26).

The chain of check codes shows a change to whoever has a later one. Without a key it could be made
anew from end to end; therefore each check code stands in the sealed history as well.
"""

import json
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext_lazy as _

from audit.models import Event
from audit.verification import Finding, Step
from records.build import build
from records.canonical import GENESIS, canonical, check_code
from records.models import Archive, Chain

FROZEN = "archive.frozen"
BATCH = 100
PLACES = 5

SENTENCES = {
    "archive_changed": _("The archive no. %(number)s is not what was signed."),
    "archive_unlinked": _(
        "The archive no. %(number)s does not follow the one before it: one is missing or was"
        " exchanged."
    ),
    "archive_exchanged": _(
        "The archive no. %(number)s has another check code than the history says."
    ),
    "archives_cut_off": _("The newest archives are missing: the chain ends in %(number)s…"),
}


def walk_archives() -> Iterator[Step]:
    """Each archive against its check code, the one before it and the history; oldest first."""
    previous = GENESIS
    archives = Archive.objects.select_related("task").order_by("pk").iterator(chunk_size=BATCH)
    while batch := list(islice(archives, BATCH)):
        codes = _codes_in_history(batch)
        for archive in batch:
            known = codes.get(archive.pk, archive.sha256)
            yield Step(1, tuple(_compare(archive, previous, known)))
            previous = archive.sha256
    end = Chain.objects.values_list("last_sha256", flat=True).filter(pk=1).first() or GENESIS
    if previous != end:
        yield Step(0, (Finding("archives_cut_off", end[:12]),))


def _codes_in_history(archives) -> dict[int, str]:
    """By archive; those frozen before the history kept check codes are left out."""
    entries = Event.objects.filter(
        subject_type=Archive._meta.label_lower,
        subject_id__in=[archive.pk for archive in archives],
        action=FROZEN,
    )
    return {pk: _code(changes) for pk, changes in entries.values_list("subject_id", "changes")}


def _code(changes) -> str:
    try:
        return changes["sha256"][1]
    except (KeyError, IndexError, TypeError):
        return ""  # somebody has changed the entry, which its seal tells


def _compare(archive, previous, known) -> Iterator[Finding]:
    number, about = str(archive.pk), str(archive)
    if archive.sha256 != check_code(archive.record, archive.previous_sha256):
        where = ", ".join(islice(_differences(archive), PLACES))
        yield Finding("archive_changed", number, ": ".join(filter(None, [about, where])))
    if archive.previous_sha256 != previous:
        yield Finding("archive_unlinked", number, about)
    if archive.sha256 != known:
        yield Finding("archive_exchanged", number, about)


def _differences(archive) -> Iterator[str]:
    """Where the record says other things than the rows of its task, which nobody changes either:
    "basics.title", "work.2.goal"; nothing where it is no record any more.
    """
    try:
        frozen = json.loads(archive.record)
    except ValueError:
        return iter(())
    return _paths(frozen, json.loads(canonical(build(archive.task))), "")


def _paths(one, other, path) -> Iterator[str]:
    if type(one) is not type(other) or not isinstance(one, dict | list):
        if one != other:
            yield path.lstrip(".")
        return
    pairs = [dict(enumerate(side)) if isinstance(side, list) else side for side in (one, other)]
    for key in sorted(pairs[0].keys() | pairs[1].keys(), key=str):
        yield from _paths(pairs[0].get(key), pairs[1].get(key), f"{path}.{key}")
