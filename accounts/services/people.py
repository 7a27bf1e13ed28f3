"""Keeps people: their departments, rights and passwords."""

from contextlib import contextmanager

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts import leaving, permissions, succession
from accounts.models import Membership, User
from accounts.services.shared import from_nothing, switch, today
from audit import history
from coordination.errors import DomainError
from coordination.words import listing


class UsernameTaken(DomainError):
    code = "username_taken"
    message = _("Another person signs in with this name.")


class MainElsewhere(DomainError):
    code = "main_elsewhere"
    message = _("The main department must be one of the person's departments.")


class StillActsFor(DomainError):
    code = "still_acts_for"
    message = _(
        "%(person)s still holds something for %(department)s. Hand it over first: %(what)s."
    )

    def __init__(self, person, department, things):
        what = listing(leaving.in_words(things))
        words = {"person": person, "department": department, "what": what}
        super().__init__(self.message % words, field="departments")
        self.department = department


class StillNeeded(DomainError):
    code = "still_needed"
    message = _("Hand this over first. %(person)s: %(what)s.")


class QuietHoursOpen(DomainError):
    code = "quiet_hours_open"
    message = _("Quiet hours need their beginning and their end.")


class QuietAllDay(DomainError):
    code = "quiet_all_day"
    message = _("Quiet hours cannot last all day.")


class OwnRights(DomainError):
    code = "own_rights"
    message = _("Only another administrator can take this right from you.")


@transaction.atomic
def create_person(
    *,
    by,
    now,
    username,
    name,
    email="",
    title="",
    language="",
    is_records_administrator=False,
    is_staff=False,
    departments=(),
    main_department=None,
) -> User:
    """A new person. Signs in only once an administrator has set a password."""
    permissions.PERSON.require(by, "create", None)
    fields = {
        "username": username,
        "name": name,
        "email": email,
        "title": title,
        "language": language,
        "is_records_administrator": is_records_administrator,
        "is_staff": is_staff,
    }
    person = User(**fields)
    person.set_unusable_password()
    with _username_of_nobody_else():
        person.save()
    memberships = _put_into(person, departments, main_department, before=[])
    changes = from_nothing(fields) | memberships
    history.record(person, "person.created", by=by, now=now, changes=changes)
    return person


@transaction.atomic
def edit_person(
    *,
    person,
    by,
    now,
    version,
    username,
    name,
    email,
    title,
    language,
    is_records_administrator,
    is_staff,
    departments,
    main_department,
) -> User:
    """Changes a person. A department for which they hold something open is not left this way."""
    permissions.PERSON.require(by, "edit", person)
    User.objects.select_for_update().get(pk=person.pk)
    if person.pk == by.pk and by.is_staff and not is_staff:
        raise OwnRights(field="is_staff")
    _check_may_leave(person, departments, today(now))
    memberships = _put_into(person, departments, main_department)
    with _username_of_nobody_else():
        history.change(
            person,
            "person.edited",
            by=by,
            now=now,
            version=version,
            extra=memberships,
            username=username,
            name=name,
            email=email,
            title=title,
            language=language,
            is_records_administrator=is_records_administrator,
            is_staff=is_staff,
        )
    if memberships:
        succession.person_moved(now)
    return person


@transaction.atomic
def edit_profile(
    *, person, by, now, version, email, language, quiet_from, quiet_until, mail_changes
) -> User:
    """What people change about themselves.

    The quiet hours are wall-clock times in the organisation's zone, both None for none.
    """
    permissions.PERSON.require(by, "edit_profile", person)
    _check_quiet_hours(quiet_from, quiet_until)
    history.change(
        person,
        "person.edited",
        by=by,
        now=now,
        version=version,
        email=email,
        language=language,
        quiet_from=quiet_from,
        quiet_until=quiet_until,
        mail_changes=mail_changes,
    )
    return person


@transaction.atomic
def stop_change_mails(*, person, by, now) -> User:
    """No more mails that only tell of changes; twice is once. Reminders of duties go on."""
    permissions.PERSON.require(by, "edit_profile", person)
    history.change(person, "person.edited", by=by, now=now, mail_changes=False)
    return person


@transaction.atomic
def choose_language(*, person, by, now, language) -> User:
    """The language of this person's pages and mails, whatever the browser asks for."""
    permissions.PERSON.require(by, "edit_profile", person)
    history.change(person, "person.edited", by=by, now=now, language=language)
    return person


@transaction.atomic
def deactivate_person(*, person, by, now) -> User:
    """Ends a person's access for good, once nothing is theirs any more.

    Sessions end at the next request, and do not come back to life with the person.
    """
    permissions.PERSON.require(by, "deactivate", person)
    # Nobody is asked to stand in between the question and the answer (absences.plan_absence).
    User.objects.select_for_update().get(pk=person.pk)
    still = leaving.still_theirs(person, today(now))
    if still:
        raise StillNeeded(StillNeeded.message % {"person": person, "what": listing(still)})
    end_access(person)
    switch(person, "person.deactivated", by, now, to=False)
    return person


def end_access(person) -> None:
    """Every session of the person ends at its next request."""
    User.objects.filter(pk=person.pk).update(access_ended=F("access_ended") + 1)


@transaction.atomic
def activate_person(*, person, by, now) -> User:
    permissions.PERSON.require(by, "activate", person)
    switch(person, "person.activated", by, now, to=True)
    return person


@transaction.atomic
def set_password(*, person, by, now, password) -> User:
    """An administrator gives a person a password; sessions under the old one end."""
    permissions.PERSON.require(by, "set_password", person)
    return _write_password(person, "person.password_set", by, now, password)


@transaction.atomic
def change_password(*, person, by, now, password) -> User:
    permissions.PERSON.require(by, "change_password", person)
    return _write_password(person, "person.password_changed", by, now, password)


@transaction.atomic
def set_password_by_link(*, person, now, password) -> User:
    """A person sets a password with the link that was mailed to them."""
    return _write_password(person, "person.password_set_by_link", person, now, password)


def _check_quiet_hours(begin, end):
    if (begin is None) != (end is None):
        raise QuietHoursOpen(field="quiet_from" if begin is None else "quiet_until")
    if begin is not None and begin == end:
        raise QuietAllDay(field="quiet_until")


def _write_password(person, action, by, now, password):
    person.set_password(password)
    person.save(update_fields=["password"])
    history.record(person, action, by=by, now=now)
    return person


@contextmanager
def _username_of_nobody_else():
    # The database decides: of two alike at the same moment one is refused, not an error.
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise UsernameTaken(field="username") from error


def _put_into(person, departments, main, *, before=None) -> dict:
    """Makes these the person's departments, `main` (or else the first) the main one.

    Returns the change for the history, {} when there is none.
    """
    main = main or next(iter(departments), None)
    if main is not None and main not in departments:
        raise MainElsewhere(field="main_department")
    if before is None:
        before = person.memberships.select_related("department").order_by("-is_main", "pk")
    old = {m.department_id: m.is_main for m in before}
    new = {d.pk: d == main for d in departments}
    if old == new:
        return {}
    _write_memberships(person, old, new)
    names = [str(d) for d in sorted(departments, key=lambda d: d != main)]
    return {"memberships": ([str(m.department) for m in before], names)}


def _write_memberships(person, old, new):
    """From one {department id: is main} to another; never two main ones on the way."""
    rows = person.memberships.all()
    if gone := old.keys() - new.keys():
        rows.filter(department__in=gone).delete()
    for is_main in (False, True):
        turned = [pk for pk in old.keys() & new.keys() if new[pk] == is_main != old[pk]]
        if turned:
            rows.filter(department__in=turned).update(is_main=is_main)
    Membership.objects.bulk_create(
        Membership(user=person, department_id=pk, is_main=is_main)
        for pk, is_main in new.items()
        if pk not in old
    )
    person.__dict__.pop("seats", None)


def _check_may_leave(person, departments, day):
    """Nothing stays behind that only somebody of the department may hold (R1, R10)."""
    left = person.memberships.exclude(department__in=departments).select_related("department")
    gone = {membership.department_id: membership.department for membership in left}
    things = leaving.things_of(person, day, gone) if gone else []
    if things:
        first = things[0].department_id
        of_first = [thing for thing in things if thing.department_id == first]
        raise StillActsFor(person, gone[first], of_first)
