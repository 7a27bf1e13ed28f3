"""Keeps departments and their contacts."""

from copy import copy

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import permissions, succession
from accounts.models import Contact, Department, FormerShortName, User
from accounts.services.shared import Inactive, from_nothing, switch
from accounts.standing import with_those_above
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


def lock_departments() -> dict[int, Department]:
    """Every department, locked in one order: names and places are decided one after the other.

    Whoever writes many in one transaction asks once and hands the answer to each service as
    `tree`; the services keep it true.
    """
    # No key: what only refers to a department is written meanwhile. Whoever writes it may hold the
    # task for which this transaction is going to wait (deadlines.recount.of_department).
    rows = Department.objects.select_for_update(no_key=True).order_by("pk")
    return {department.pk: department for department in rows}


@transaction.atomic
def create_department(*, by, now, name, short_name, parent=None, tree=None) -> Department:
    """A new department below `parent`, or at the top. Its head is named once people belong."""
    permissions.DEPARTMENT.require(by, "create", None)
    tree = lock_departments() if tree is None else tree
    _check_names(None, name, short_name, tree)
    _check_place(None, parent, tree)
    department = Department.objects.create(name=name, short_name=short_name, parent=parent)
    tree[department.pk] = department
    fields = {"name": name, "short_name": short_name, "parent": parent}
    history.record(department, "department.created", by=by, now=now, changes=from_nothing(fields))
    return department


@transaction.atomic
def edit_department(*, department, by, now, version, name, short_name, parent, head, tree=None):
    """Changes a department. A short name it gives up stays its own for ever (R5).

    What a former head owed for the department goes to the new one.
    """
    permissions.DEPARTMENT.require(by, "edit", department)
    tree = lock_departments() if tree is None else tree
    before = copy(tree[department.pk])
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
    tree[department.pk] = department
    if before.short_name != short_name:
        FormerShortName.objects.get_or_create(
            short_name=before.short_name, defaults={"department": department}
        )
    if (before.head_id, before.parent_id) != (department.head_id, department.parent_id):
        succession.line_changed(department, now)
    return department


@transaction.atomic
def deactivate_department(*, department, by, now) -> Department:
    """Takes a department out of use; what it did stays. Empty of people and departments only."""
    permissions.DEPARTMENT.require(by, "deactivate", department)
    if department.children.active().exists():
        raise StillInUse(_("Active departments still stand below it."))
    if User.objects.in_department(department).exists():
        raise StillInUse(_("People still belong to it."))
    switch(department, "department.deactivated", by, now, to=False)
    return department


@transaction.atomic
def activate_department(*, department, by, now) -> Department:
    permissions.DEPARTMENT.require(by, "activate", department)
    if department.parent and not department.parent.is_active:
        raise Inactive
    switch(department, "department.activated", by, now, to=True)
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
    succession.line_changed(department, now)
    return contact


@transaction.atomic
def remove_contact(*, contact, by, now) -> None:
    permissions.DEPARTMENT.require(by, "remove_contact", contact.department)
    before = _contacts(contact.department)
    contact.delete()
    _record_contacts(contact.department, "department.contact_removed", before, by, now)
    succession.line_changed(contact.department, now)


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
    above = with_those_above(parent.pk, tree)
    if department is not None and department.pk in above:
        raise BelowItself(field="parent")
    unchanged = department is not None and tree[department.pk].parent_id == parent.pk
    if not (tree[parent.pk].is_active or unchanged):
        raise Inactive(field="parent")


def who_may_head(department):
    """The active people of a department and of those above it, and whoever heads it now."""
    tree = {d.pk: d for d in Department.objects.all()}
    places = with_those_above(department.pk, tree)
    belongs = Q(is_active=True, memberships__department__in=places)
    return User.objects.filter(belongs | Q(pk=department.head_id)).distinct()


def _check_head(department, parent, head, tree):
    places = {department.pk} | with_those_above(parent.pk if parent else None, tree)
    belongs = not places.isdisjoint(head.memberships.values_list("department_id", flat=True))
    if not (head.is_active and belongs):
        raise HeadFromElsewhere(field="head")


def _contacts(department) -> list[str]:
    return [str(c.user) for c in department.contacts.select_related("user").order_by("pk")]


def _record_contacts(department, action, before, by, now):
    changes = {"contacts": (before, _contacts(department))}
    history.record(department, action, by=by, now=now, changes=changes)
