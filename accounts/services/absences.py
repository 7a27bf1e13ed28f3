"""Keeps absences: who is away when, and who stands in."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts import leaving, permissions
from accounts.models import Absence, Department, User
from accounts.services.shared import from_nothing, today
from accounts.standing import with_those_above
from audit import history
from coordination.errors import DomainError


class StandsInForOneself(DomainError):
    code = "stands_in_for_oneself"
    message = _("Somebody else must stand in.")


class CannotStandIn(DomainError):
    code = "cannot_stand_in"
    message = _(
        "%(person)s cannot stand in: only people of the same department and the heads above can,"
        " who can still sign in."
    )


class EndsBeforeItBegins(DomainError):
    code = "ends_before_it_begins"
    message = _("The last day must not lie before the first.")


class AllInThePast(DomainError):
    code = "all_in_the_past"
    message = _("The last day must be today or later.")


class AwayAlready(DomainError):
    code = "away_already"
    message = _("%(person)s is already away from %(first)s to %(last)s.")


class AbsenceOver(DomainError):
    code = "absence_over"
    message = _("This absence is over or cancelled.")
    status = 409


@transaction.atomic
def plan_absence(*, person, stand_in, starts_on, ends_on, by, now) -> Absence:
    """The person will be away, first and last day included; `stand_in` is told what is due, and
    may act in their place. Both learn of it: neither need be who plans it.
    """
    stand_in = _lock(person, stand_in)
    permissions.PERSON.require(by, "keep_absences", person)
    planned = {"stand_in": stand_in, "starts_on": starts_on, "ends_on": ends_on}
    absence = Absence(person=person, **planned)
    _check(absence, now)
    absence.save()
    event = history.record(
        absence, "absence.planned", by=by, now=now, changes=from_nothing(planned)
    )
    _tell(event, person, [person, stand_in], now)
    return absence


@transaction.atomic
def change_absence(*, absence, stand_in, starts_on, ends_on, by, now, version) -> Absence:
    """Other days or another stand-in. What is over stays as it was."""
    stand_in = _lock(absence.person, stand_in)
    permissions.PERSON.require(by, "keep_absences", absence.person)
    planned = {"stand_in": stand_in, "starts_on": starts_on, "ends_on": ends_on}
    require_ahead(Absence.objects.get(pk=absence.pk), now)
    _check(Absence(pk=absence.pk, person=absence.person, **planned), now)
    before = absence.stand_in
    event = history.change(absence, "absence.changed", by=by, now=now, version=version, **planned)
    if event:
        _tell(event, absence.person, [absence.person, stand_in, before], now)
    return absence


@transaction.atomic
def end_absence(*, absence, by, now) -> Absence:
    """The person is there today: yesterday was the last day.

    An absence that had not begun by then is cancelled.
    """
    _lock(absence.person, absence.stand_in)
    permissions.PERSON.require(by, "keep_absences", absence.person)
    absence.refresh_from_db()
    require_ahead(absence, now)
    yesterday = today(now) - dt.timedelta(days=1)
    if absence.starts_on <= yesterday:
        history.change(absence, "absence.ended", by=by, now=now, ends_on=yesterday)
    else:
        history.change(absence, "absence.cancelled", by=by, now=now, is_cancelled=True)
    return absence


def require_ahead(absence, now) -> None:
    """Raises AbsenceOver unless the absence goes on or is still to come."""
    if absence.is_cancelled or absence.ends_on < today(now):
        raise AbsenceOver


def who_may_stand_in(person):
    """The active people of the person's departments, who heads those and the ones above, and who
    heads a department right below one that the person heads.

    For administrators also the others of their kind, who may belong to no department.
    """
    tree = {d.pk: d for d in Department.objects.all()}
    places = person.standing.member_of
    above = set().union(*(with_those_above(pk, tree) for pk in places))
    among = Q(memberships__department__in=places) | Q(pk__in=[tree[pk].head_id for pk in above])
    among |= Q(headed_departments__parent__in=person.standing.own.heads)
    for right in ("is_staff", "is_records_administrator"):
        if getattr(person, right):
            among |= Q(**{right: True})
    return User.objects.active().filter(among).exclude(pk=person.pk).distinct()


def _tell(event, person, people, now):
    link = reverse("accounts:person_detail", args=[person.pk])
    leaving.tell(event=event, people=people, link=link, now=now)


def _lock(person, stand_in) -> User:
    """Decides one after the other what touches these people; the stand-in as they now are."""
    people = User.objects.select_for_update().filter(pk__in=[person.pk, stand_in.pk])
    return {each.pk: each for each in people.order_by("pk")}[stand_in.pk]


def _check(absence, now):
    if absence.stand_in_id == absence.person_id:
        raise StandsInForOneself(field="stand_in")
    if absence.stand_in not in who_may_stand_in(absence.person):
        raise CannotStandIn(CannotStandIn.message % {"person": absence.stand_in}, field="stand_in")
    if absence.ends_on < absence.starts_on:
        raise EndsBeforeItBegins(field="ends_on")
    if absence.ends_on < today(now):
        raise AllInThePast(field="ends_on")
    _check_apart(absence)


def _check_apart(absence):
    others = absence.person.absences.exclude(pk=absence.pk)
    other = others.overlapping(absence.starts_on, absence.ends_on).first()
    if other is not None:
        words = {
            "person": absence.person,
            "first": date_format(other.starts_on),
            "last": date_format(other.ends_on),
        }
        raise AwayAlready(AwayAlready.message % words, field="starts_on")
