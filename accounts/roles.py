"""What people hold in the organisation itself: departments, acting for one, standing in."""

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.leaving import Kind, columns
from accounts.models import Absence, Contact, Department, Membership
from accounts.services import handing_over


def _headed(person, today):
    return columns(person.headed_departments.all(), name="name", department="pk")


def _contact_roles(person, today):
    name, department = "department__name", "department"
    return columns(person.contact_roles.all(), name=name, about=department, department=department)


def _stand_ins(person, today):
    """Held for the department of whoever is away: somebody there takes it over."""
    absences = person.stands_in.ahead(today).filter(person__is_active=True)
    main = Membership.objects.filter(user=OuterRef("person"), is_main=True)
    return columns(
        absences,
        name="person__name",
        about="person",
        day="ends_on",
        department=Subquery(main.values("department")[:1]),
        also="person",
    )


KINDS = [
    Kind(
        code="department",
        label=_("Heads the department"),
        model=Department,
        rows=_headed,
        page="accounts:department_detail",
        service=handing_over.hand_over_department,
        may_take=lambda people, thing: people.may_head(thing.department_id),
        act="hand_over_department",
        way_out=_("Nobody else belongs to it or to a department above: add somebody first."),
    ),
    Kind(
        code="contact",
        label=_("Contact of the department"),
        model=Contact,
        rows=_contact_roles,
        page="accounts:department_detail",
        service=handing_over.hand_over_contact,
        way_out=_("Nobody else belongs to it: add somebody, or remove the contact on its page."),
    ),
    Kind(
        code="absence",
        label=_("Stands in for"),
        model=Absence,
        rows=_stand_ins,
        page="accounts:person_detail",
        service=handing_over.hand_over_absence,
        may_take=lambda people, thing: people.colleagues(thing.department_id) - {thing.also_id},
        way_out=_("There is no colleague: name another stand-in on the page of the person."),
    ),
]
