"""Keeps departments, people, contacts and the organisation's settings.

The import, the demo and the pages all come through here.
"""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import leaving, permissions
from accounts.models import (
    Contact,
    Department,
    FormerShortName,
    Membership,
    Organisation,
    User,
)
from audit import history
from coordination.errors import DomainError


class NameTaken(DomainError):
    code = "name_taken"
    message = _("Another department has this name.")


class ShortNameTaken(DomainError):
    code = "short_name_taken"
    message = _("“%(short_name)s” is the short name of %(department)s.")
    once = _(
        "“%(short_name)s” was once the short name of %(department)s: its task numbers carry it."
    )


class BelowItself(DomainError):
    code = "below_itself"
    message = _("A department cannot stand below itself.")


class Inactive(DomainError):
    code = "inactive"
    message = _("The department above is not active.")


class StillInUse(DomainError):
    """Says what stands in the way when it is raised."""

    code = "still_in_use"


class HeadFromElsewhere(DomainError):
    code = "head_from_elsewhere"
    message = _("The head must be an active person of the department or of one above it.")


class NotAMember(DomainError):
    code = "not_a_member"
    message = _("A contact must be an active person of the department.")


class AlreadyContact(DomainError):
    code = "already_contact"
    message = _("This person is already a contact of the department.")


class UsernameTaken(DomainError):
    code = "username_taken"
    message = _("Another person signs in with this name.")


class MainElsewhere(DomainError):
    code = "main_elsewhere"
    message = _("The main department must be one of the person's departments.")


class StillActsFor(DomainError):
    code = "still_acts_for"
    message = _("%(person)s is head or contact of %(department)s: name somebody else first.")


class StillNeeded(DomainError):
    code = "still_needed"
    message = _("Hand this over first. %(person)s: %(what)s.")


class OwnRights(DomainError):
    code = "own_rights"
    message = _("Only another administrator can take this right from you.")


# Departments


@transaction.atomic
def create_department(*, by, now, name, short_name, parent=None) -> Department:
    """A new department below `parent`, or at the top. Its head is named once people belong."""
    permissions.DEPARTMENT.require(by, "create", None)
    tree = _lock_departments()
    _check_names(None, name, short_name, tree)
    _check_place(None, parent, tree)
    department = Department.objects.create(name=name, short_name=short_name, parent=parent)
    fields = {"name": name, "short_name": short_name, "parent": parent}
    history.record(department, "department.created", by=by, now=now, changes=_from_nothing(fields))
    return department


@transaction.atomic
def edit_department(*, department, by, now, version, name, short_name, parent, head):
    """Changes a department. A short name it gives up stays its own for ever (R5)."""
    permissions.DEPARTMENT.require(by, "edit", department)
    tree = _lock_departments()
    before = tree[department.pk]
    _check_names(department, name, short_name, tree)
    _check_place(department, parent, tree)
    if head is not None and head.pk != before.head_id:
        _check_head(department, parent, head, tree)
    history.change(
        department,
        "department.edited",
        by=by,
        now=now,
        version=version,
        name=name,
        short_name=short_name,
        parent=parent,
        head=head,
    )
    if before.short_name != short_name:
        FormerShortName.objects.get_or_create(
            short_name=before.short_name, defaults={"department": department}
        )
    return department


@transaction.atomic
def deactivate_department(*, department, by, now) -> Department:
    """Takes a department out of use; what it did stays. Empty of people and departments only."""
    permissions.DEPARTMENT.require(by, "deactivate", department)
    if department.children.active().exists():
        raise StillInUse(_("Active departments still stand below it."))
    if User.objects.in_department(department).exists():
        raise StillInUse(_("People still belong to it."))
    _switch(department, "department.deactivated", by, now, to=False)
    return department


@transaction.atomic
def activate_department(*, department, by, now) -> Department:
    permissions.DEPARTMENT.require(by, "activate", department)
    if department.parent and not department.parent.is_active:
        raise Inactive
    _switch(department, "department.activated", by, now, to=True)
    return department


@transaction.atomic
def name_contact(*, department, person, by, now) -> Contact:
    """The head names one of the department's people to act for it (接口人, R1)."""
    permissions.DEPARTMENT.require(by, "name_contact", department)
    before = _contacts(department)
    if not User.objects.in_department(department).filter(pk=person.pk).exists():
        raise NotAMember(field="person")
    contact, created = Contact.objects.get_or_create(
        department=department, user=person, defaults={"named_by": by, "named_at": now}
    )
    if not created:
        raise AlreadyContact(field="person")
    _record_contacts(department, "department.contact_named", before, by, now)
    return contact


@transaction.atomic
def remove_contact(*, contact, by, now) -> None:
    permissions.DEPARTMENT.require(by, "remove_contact", contact.department)
    before = _contacts(contact.department)
    contact.delete()
    _record_contacts(contact.department, "department.contact_removed", before, by, now)


def _lock_departments() -> dict[int, Department]:
    """Every department, locked in one order: names and places are decided one after the other."""
    return {d.pk: d for d in Department.objects.select_for_update().order_by("pk")}


def _check_names(department, name, short_name, tree):
    others = [d for d in tree.values() if department is None or d.pk != department.pk]
    if any(d.name == name for d in others):
        raise NameTaken(field="name")
    words = {"short_name": short_name}
    for other in others:
        if other.short_name == short_name:
            message = ShortNameTaken.message % (words | {"department": other})
            raise ShortNameTaken(message, field="short_name")
    former = FormerShortName.objects.filter(short_name=short_name).first()
    if former and (department is None or former.department_id != department.pk):
        message = ShortNameTaken.once % (words | {"department": tree[former.department_id]})
        raise ShortNameTaken(message, field="short_name")


def _check_place(department, parent, tree):
    if parent is None:
        return
    above = _with_those_above(parent.pk, tree)
    if department is not None and department.pk in above:
        raise BelowItself(field="parent")
    unchanged = department is not None and tree[department.pk].parent_id == parent.pk
    if not (tree[parent.pk].is_active or unchanged):
        raise Inactive(field="parent")


def who_may_head(department):
    """The active people of a department and of those above it, and whoever heads it now."""
    tree = {d.pk: d for d in Department.objects.all()}
    places = _with_those_above(department.pk, tree)
    belongs = Q(is_active=True, memberships__department__in=places)
    return User.objects.filter(belongs | Q(pk=department.head_id)).distinct()


def _check_head(department, parent, head, tree):
    places = {department.pk} | _with_those_above(parent.pk if parent else None, tree)
    belongs = head.memberships.filter(department__in=places).exists()
    if not (head.is_active and belongs):
        raise HeadFromElsewhere(field="head")


def _with_those_above(pk, tree) -> set[int]:
    found = set()
    while pk is not None and pk not in found:
        found.add(pk)
        pk = tree[pk].parent_id
    return found


def _contacts(department) -> list[str]:
    return [str(c.user) for c in department.contacts.select_related("user").order_by("pk")]


def _record_contacts(department, action, before, by, now):
    changes = {"contacts": (before, _contacts(department))}
    history.record(department, action, by=by, now=now, changes=changes)


# People


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
    _check_username(None, username)
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
    person.save()
    memberships = _put_into(person, departments, main_department, before=[])
    changes = _from_nothing(fields) | memberships
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
    """Changes a person. A department that the person heads or acts for is not left this way."""
    permissions.PERSON.require(by, "edit", person)
    User.objects.select_for_update().get(pk=person.pk)
    _check_username(person, username)
    if person.pk == by.pk and by.is_staff and not is_staff:
        raise OwnRights(field="is_staff")
    memberships = _put_into(person, departments, main_department)
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
    return person


@transaction.atomic
def edit_profile(*, person, by, now, version, email, language) -> User:
    """What people change about themselves."""
    permissions.PERSON.require(by, "edit_profile", person)
    history.change(
        person, "person.edited", by=by, now=now, version=version, email=email, language=language
    )
    return person


@transaction.atomic
def choose_language(*, person, by, now, language) -> User:
    """The language of this person's pages and mails, whatever the browser asks for."""
    permissions.PERSON.require(by, "edit_profile", person)
    history.change(person, "person.edited", by=by, now=now, language=language)
    return person


@transaction.atomic
def deactivate_person(*, person, by, now) -> User:
    """Ends a person's access at the next request, once nothing is theirs any more."""
    permissions.PERSON.require(by, "deactivate", person)
    still = leaving.still_theirs(person)
    if still:
        raise StillNeeded(StillNeeded.message % {"person": person, "what": "; ".join(still)})
    _switch(person, "person.deactivated", by, now, to=False)
    return person


@transaction.atomic
def activate_person(*, person, by, now) -> User:
    permissions.PERSON.require(by, "activate", person)
    _switch(person, "person.activated", by, now, to=True)
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


def _write_password(person, action, by, now, password):
    person.set_password(password)
    person.save(update_fields=["password"])
    history.record(person, action, by=by, now=now)
    return person


def _check_username(person, username):
    # Login names are given one after the other: of two alike, one is refused, not an error.
    Organisation.objects.select_for_update().filter(pk=1).first()
    taken = User.objects.filter(username=username)
    if taken.exclude(pk=person.pk if person else None).exists():
        raise UsernameTaken(field="username")


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
    _check_may_leave(person, [m.department for m in before if m.department_id not in new])
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
    person.__dict__.pop("main_department", None)


def _check_may_leave(person, departments):
    for department in departments:
        if (
            department.head_id == person.pk
            or person.contact_roles.filter(department=department).exists()
        ):
            words = {"person": person, "department": department}
            raise StillActsFor(StillActsFor.message % words, field="departments")


# The organisation


@transaction.atomic
def edit_organisation(
    *, by, now, version, name, time_zone, language, number_pattern
) -> Organisation:
    """The organisation's own settings; numbers already given stay as they are (R5)."""
    permissions.ORGANISATION.require(by, "edit", None)
    organisation, _created = Organisation.objects.get_or_create(pk=1, defaults={"name": ""})
    history.change(
        organisation,
        "organisation.edited",
        by=by,
        now=now,
        version=version,
        name=name,
        time_zone=time_zone,
        language=language,
        number_pattern=number_pattern,
    )
    return organisation


def _from_nothing(fields) -> dict:
    return {field: (None, value) for field, value in fields.items() if value}


def _switch(row, action, by, now, *, to):
    history.move(row, action, by=by, now=now, field="is_active", old=[not to], to=to)
