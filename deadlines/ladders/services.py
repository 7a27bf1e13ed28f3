"""The ladders that administrators set: checked, kept with history, shown before they hold."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError
from deadlines import kinds, recount
from deadlines.kinds import Kind
from deadlines.line import Line
from deadlines.models import Deadline, Ladder
from deadlines.permissions import LADDER
from deadlines.policies import Step
from deadlines.terms import Terms

AT_MOST = 12
SAMPLE = 3


class NoSteps(DomainError):
    code = "no_steps"
    message = _("A ladder needs at least one reminder; give the first one when to be sent.")


class TooManySteps(DomainError):
    code = "too_many_steps"
    message = _("More than twelve reminders of one thing are noise.")


class TwiceTheSame(DomainError):
    code = "twice_the_same"
    message = _("Two of the reminders are sent at the same time: make them one.")


class OwnerNeverTold(DomainError):
    code = "owner_never_told"
    message = _("The responsible person must be told at least once.")


class WithinOutOfRange(DomainError):
    code = "within_out_of_range"
    message = _("Between 1 and 60 working days.")


@transaction.atomic
def set_ladder(*, kind: Kind, by, now, version: int, steps: Iterable[Step], within=None) -> Ladder:
    """Sets the reminders of a kind of duty; no steps at all: as shipped again.

    Holds at once for what is opened from now on, and after a recount for what is open: what was
    told is not told again. `version` is 0 while it is as shipped.
    """
    LADDER.require(by, "edit", kind)
    lines = _lines(steps)
    if within is not None and not 1 <= within <= 60:
        raise WithinOutOfRange(field="within")
    row, _new = Ladder.objects.get_or_create(kind=kind.code, defaults={"version": 0})
    own = {"steps": lines if lines != _lines(kind.ladder) else []}
    if kind.within is not None:
        own["within"] = within if within != kind.within else None
    if history.change(row, "ladder.changed", by=by, now=now, version=version, **own):
        recount.after_change(now)
    return row


def check_steps(steps: Iterable[Step]) -> None:
    """Raises what is wrong with a ladder that is to be saved."""
    steps = list(steps)
    if not steps:
        raise NoSteps
    if len(steps) > AT_MOST:
        raise TooManySteps
    if len({step.code for step in steps}) != len(steps):
        raise TwiceTheSame
    if not any("owner" in step.roles for step in steps):
        raise OwnerNeverTold


def _lines(steps) -> list[str]:
    steps = list(steps)
    if steps:
        check_steps(steps)
    return [step.line for step in steps]


@dataclass(frozen=True)
class Foretold:
    """Who would be told of one open duty: [(moment, step, {person: role})], in order."""

    deadline: Deadline
    is_visible: bool
    told: list[tuple]


def foretell(kind: Kind, steps: Iterable[Step], terms: Terms, reader) -> list[Foretold]:
    """What these steps would send, shown on the newest open duties of the kind."""
    steps = list(steps)
    rows = Deadline.objects.open().filter(kind=kind.code).order_by("-pk")
    sample = list(rows.select_related("owner")[:SAMPLE])
    line = Line(sample, terms.today)
    seen = kinds.visible_tasks(reader, {deadline.task_id for deadline in sample})
    return [
        Foretold(deadline, deadline.task_id in seen, _told(deadline, steps, terms, line))
        for deadline in sample
    ]


def _told(deadline, steps, terms, line):
    moments = [(step.moment(deadline.due_at, terms.zone, terms.calendar), step) for step in steps]
    in_order = sorted(moments, key=lambda pair: pair[0])
    return [(moment, step, line.told(deadline, step.roles)) for moment, step in in_order]
