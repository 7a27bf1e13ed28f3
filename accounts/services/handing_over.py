"""Hands over what a person holds: one thing, or all of it at once (leaving.py)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import leaving, permissions, succession
from accounts.leaving import Held, require_theirs
from accounts.models import Absence, Contact, Department, User
from accounts.services.absences import CannotStandIn, require_ahead, who_may_stand_in
from accounts.services.departments import (
    HeadFromElsewhere,
    NotAMember,
    lock_departments,
    who_may_head,
)
from accounts.services.people import deactivate_person
from accounts.services.shared import today
from accounts.successors import Successors
from audit import history
from coordination.errors import DomainError


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Say why: the people concerned are told.")


class NobodyChosen(DomainError):
    code = "nobody_chosen"
    message = _("Choose who takes it over.")


class CannotTakeOver(DomainError):
    code = "cannot_take_over"
    message = _("%(person)s cannot take this over: choose somebody else.")


class ListChanged(DomainError):
    code = "list_changed"
    message = _(
        "Meanwhile something was handed over, finished or added. Nothing is handed over yet;"
        " below is what is still to be done."
    )
    status = 409


class Refused(DomainError):
    """What could not be handed over: `errors` are {key: message}. Nothing was."""

    code = "hand_over_refused"
    message = _("Nothing is handed over yet. Please see to what is marked.")

    def __init__(self, errors):
        super().__init__()
        self.errors = errors


@transaction.atomic
def hand_over(
    *,
    person: User,
    to: Mapping[str, User | None],
    by: User,
    now,
    reason: str,
    departments: Iterable[int] | None = None,
    deactivate=False,
) -> int:
    """Hands over what a person holds, all of it or nothing; returns how many things.

    `to` says for each thing (leaving.Thing.key) who takes it over, None: it stays. It must name
    what the person holds now, no more and no less (`departments`: only what they hold for these),
    or raises ListChanged: somebody else was faster. Raises Refused with what is wrong with which.
    With `deactivate` the person's access ends in the same moment.
    """
    permissions.PERSON.require(by, "hand_over", person)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    things = _locked(person, to, by, now, departments)
    given = [thing for thing in things if to[thing.key]]
    if deactivate:
        _check_complete(things, given)
    elif not given:
        raise NobodyChosen(field="everything")
    _check_takers(person, given, to)
    _hand_over_each(given, to, {"by": by, "now": now, "reason": reason.strip()})
    _remember(person, given, to, by, now, reason.strip())
    if deactivate:
        deactivate_person(person=person, by=by, now=now)
    return len(given)


@transaction.atomic
def hand_over_department(*, department, former, to, by, now, reason) -> Department:
    """Somebody else heads the department; what the former head owed for it moves on."""
    department = lock_departments()[department.pk]
    permissions.HELD.require(by, "hand_over_department", Held(former, department.pk))
    require_theirs(department.head_id, former)
    if not who_may_head(department).filter(pk=to.pk, is_active=True).exists():
        raise HeadFromElsewhere(field="to")
    history.change(department, "department.handed_over", by=by, now=now, reason=reason, head=to)
    succession.line_changed(department, now)
    return department


@transaction.atomic
def hand_over_contact(*, contact, former, to, by, now, reason) -> Contact:
    """Somebody else acts for the department; whoever does so already goes on (R1)."""
    department = lock_departments()[contact.department_id]
    permissions.HELD.require(by, "hand_over", Held(former, department.pk))
    found = Contact.objects.filter(pk=contact.pk).first()
    require_theirs(found and found.user_id, former)
    if not User.objects.in_department(department).filter(pk=to.pk).exists():
        raise NotAMember(field="to")
    found.delete()
    contact, _created = Contact.objects.get_or_create(
        department=department, user=to, defaults={"named_by": by, "named_at": now}
    )
    changes = {"contact": (former, to)}
    action = "department.contact_handed_over"
    history.record(department, action, by=by, now=now, changes=changes, reason=reason)
    succession.line_changed(department, now)
    return contact


@transaction.atomic
def hand_over_absence(*, absence, former, to, by, now, reason) -> Absence:
    """Somebody else stands in for the person who will be away."""
    absence = Absence.objects.select_for_update(of=("self",), no_key=True).get(pk=absence.pk)
    main = absence.person.main_department
    permissions.HELD.require(by, "hand_over", Held(former, main and main.pk))
    require_theirs(absence.stand_in_id, former)
    require_ahead(absence, now)
    if to not in who_may_stand_in(absence.person):
        raise CannotStandIn(CannotStandIn.message % {"person": to}, field="to")
    history.change(absence, "absence.handed_over", by=by, now=now, reason=reason, stand_in=to)
    return absence


def _locked(person, to, by, now, departments) -> list[leaving.Thing]:
    """What the person holds, with all that is going to be changed locked in one order:
    departments, tasks, people. Raises ListChanged unless that is what `to` names.
    """
    before = leaving.things_of(person, today(now), departments)
    line = {t.department_id for t in before if t.task_id is None and t.department_id}
    if line:
        lock_departments()
    leaving.lock({t.task_id for t in before} - {None}, line)
    people = {person.pk, *(user.pk for user in to.values() if user)}
    # No key: rows that only refer to a person are written meanwhile by whoever holds a task.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=people).order_by("pk"))
    things = leaving.things_of(person, today(now), departments)
    may = [thing for thing in things if thing.may_be_handed_over_by(by)]
    if {t.key for t in may} != set(to) or {t.key for t in things} != {t.key for t in before}:
        raise ListChanged
    return may


def _check_complete(things, given):
    left = {thing.key for thing in things} - {thing.key for thing in given}
    if left:
        raise Refused(dict.fromkeys(left, NobodyChosen.message))


def _check_takers(person, things, to):
    """Nobody is let into a task this way who has no place near it, not even an administrator."""
    people = Successors(person, {thing.department_id for thing in things} - {None})
    wrong = [t for t in things if to[t.key].pk not in t.may_be_taken_by(people)]
    if wrong:
        raise Refused({t.key: CannotTakeOver.message % {"person": to[t.key]} for t in wrong})


def _hand_over_each(things, to, act):
    """Each by its own service; all that are refused are told at once."""
    people = User.objects.in_bulk({to[thing.key].pk for thing in things})
    errors = {}
    for thing in things:
        row = thing.kind.model._base_manager.get(pk=thing.pk)
        told = {"former": thing.person, "to": people[to[thing.key].pk], **act}
        try:
            thing.kind.service(**{thing.kind.code: row}, **told)
        except DomainError as error:
            errors[thing.key] = error.message
    if errors:
        raise Refused(errors)


def _remember(person, things, to, by, now, reason):
    """One entry about the person who gives, one about each who takes, and these are told of it."""
    taken = defaultdict(list)
    for thing in things:
        taken[to[thing.key]].append(thing)
    changes = {"handed_over": ([], [f"{_place(t)} → {to[t.key]}" for t in things])}
    about = {"by": by, "now": now, "reason": reason}
    history.record(person, "person.handed_over", changes=changes, **about)
    for taker, theirs in taken.items():
        changes = {"taken_over": ([], [f"{_place(t)} ← {person}" for t in theirs])}
        event = history.record(taker, "person.took_over", changes=changes, **about)
        leaving.tell(event=event, people=[taker], link=reverse("home"), now=now)


def _place(thing) -> str:
    """What was handed over, in words that name no content: who reads this may not see the task."""
    return thing.number or (thing.name if thing.task_id is None else "–")
