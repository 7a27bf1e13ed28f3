"""Checks that what must never change has not: the history, and what packages above register.

A check walks over all its rows in constant memory, whatever was done to them, and names each row
that is not what it was.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit.models import Event, Seal
from audit.seals import FIELDS, digest_of, entries_of, is_genuine


@dataclass(frozen=True)
class Finding:
    """What is wrong (a code with words in SENTENCES), with which number, and what that row says.

    The number tells nothing of what it is about; `about` does.
    """

    code: str
    number: str
    about: str = ""

    def __str__(self):
        return str(SENTENCES[self.code]) % {"number": self.number}


@dataclass(frozen=True)
class Step:
    """So many rows more were checked, with this found."""

    checked: int
    findings: tuple[Finding, ...] = ()


Walk = Callable[[], Iterator[Step]]

SENTENCES = {
    "entry_changed": _("Entry no. %(number)s of the history was changed after it was sealed."),
    "entry_missing": _("Entry no. %(number)s of the history was deleted after it was sealed."),
    "entry_added": _("Entry no. %(number)s was put into the history where all was sealed."),
    "seal_changed": _(
        "Seal no. %(number)s of the history was changed, or made with a key that is not set here."
    ),
    "seal_missing": _("Seal no. %(number)s of the history is missing."),
    "seal_not_as_noted": _("Seal %(number)s, noted outside, does not stand in the history."),
}
BELOW_ALL = -(2**63) - 1
_walks: list[Walk] = []


def register(walk: Walk, sentences: dict) -> None:
    """Adds a check with the words of what it can find."""
    SENTENCES.update(sentences)
    if walk not in _walks:
        _walks.append(walk)


def verify() -> Iterator[Step]:
    """Checks everything."""
    for walk in _walks:
        yield from walk()


def find_noted(noted: str) -> Iterator[Finding]:
    """Whether a seal that somebody noted ("12-3f0c9a…", of any export) still stands."""
    number, _dash, digest = noted.partition("-")
    seals = Seal.objects.filter(number=number) if number.isdecimal() and len(number) < 19 else []
    if not (digest and any(seal.digest.startswith(digest) for seal in seals)):
        yield Finding("seal_not_as_noted", noted)


# The history ------------------------------------------------------------------------------------


def walk_history() -> Iterator[Step]:
    """Compares the entries with their seals and the seals with each other, oldest first.

    What was added since the last seal nobody vouches for yet: it is not checked.
    """
    before, end = None, BELOW_ALL
    for seal in Seal.objects.order_by("number").iterator(chunk_size=20):
        entries = entries_of(seal)
        if seal.number != _number_after(before):
            # Nobody vouches any more for what lies before the first entry of this one.
            end = min(entries, default=end + 1) - 1
        start, end = end, max(entries, default=seal.last_id)
        found = (*_check_seal(seal, before), *_check_entries(entries, start, end, seal))
        yield Step(len(entries), found)
        before = seal


def _number_after(seal) -> int:
    return seal.number + 1 if seal else 1


def _check_seal(seal, before) -> Iterator[Finding]:
    first = _number_after(before)
    if seal.number != first:
        last = seal.number - 1
        yield Finding("seal_missing", f"{first}" if first == last else f"{first}–{last}")
    linked = seal.number != first or seal.previous == (before.digest if before else "")
    if not (linked and is_genuine(seal)):
        yield Finding("seal_changed", str(seal.number), _moment(seal.sealed_at))


def _check_entries(entries, after, end, seal) -> Iterator[Finding]:
    missing = dict(entries)
    for row in _read(after, end):
        sealed, number = missing.pop(row[0], None), str(row[0])
        if sealed is None:
            yield Finding("entry_added", number, _entry(row))
        elif sealed != digest_of(row):
            yield Finding("entry_changed", number, _entry(row))
    for number in missing:
        about = f"no. {seal.number}, {_moment(seal.sealed_at)}"
        yield Finding("entry_missing", str(number), str(_("sealed: %(seal)s")) % {"seal": about})


def _read(after, end) -> Iterator[tuple]:
    """The entries behind one id up to another. One that cannot be read has nothing but its id."""
    events = Event.objects.filter(pk__gt=after, pk__lte=end).order_by("pk")
    try:
        yield from list(events.values_list(*FIELDS))
    except ValueError:
        for pk in events.values_list("pk", flat=True):
            yield _read_one(pk)


def _read_one(pk) -> tuple:
    try:
        return Event.objects.values_list(*FIELDS).get(pk=pk)
    except ValueError:
        return (pk, *[None] * (len(FIELDS) - 1))


def _entry(row) -> str:
    """An entry as it stands now: when, who, what, about what."""
    event = dict(zip(FIELDS, row, strict=True))
    names = ("actor_name", "action", "subject_type", "subject_label")
    words = [str(event[name]) for name in names if event[name]]
    return " · ".join([_moment(event["at"]), *words])


def _moment(at) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}" if at else "?"


register(walk_history, {})
