"""Finds the one person that is meant by what somebody typed: 研发部 工程师F, 工程师F, …"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Value

from accounts.models import User

AT_MOST = 500


@dataclass(frozen=True)
class Entry:
    """An active person with the department under which a task knows them."""

    user: User
    department: str
    label: str
    """What is offered and shown; no two people of a directory have the same."""


class Directory:
    """The people of a task's departments, offered first; anybody active can be found by name."""

    def __init__(self, task):
        self.departments = [task.department, *(c.department for c in task.collaborations.all())]
        involved = [department.pk for department in self.departments]
        people = User.objects.active().filter(memberships__department__in=involved).distinct()
        self.entries = _entries(people[:AT_MOST], involved)

    def find(self, text: str) -> list[Entry]:
        """Whom a text can mean: one entry when it is clear, several when not, none for nobody."""
        near = _meant(text, self.entries)
        return near or _meant(text, _entries(_named_in(text), ()))

    def label(self, user) -> str:
        """The person as the fields of this task's forms show them."""
        known = (entry.label for entry in self.entries if entry.user == user)
        return next(known, None) or _entries([user], ())[0].label


def _named_in(text) -> Iterable[User]:
    """Active people whose name or account occurs in the text, wherever they work."""
    people = User.objects.active().annotate(typed=Value(" ".join(text.split())))
    named = people.filter(typed__icontains=F("name")) | people.filter(username__iexact=text.strip())
    return named.exclude(name="")[:AT_MOST]


def _entries(people, involved) -> list[Entry]:
    if hasattr(people, "prefetch_related"):
        people = people.prefetch_related("memberships__department")
    found = [(user, _department(user, involved)) for user in people]
    times = Counter((user.name, department) for user, department in found)
    return [
        Entry(user, department, _label(user, department, times[user.name, department] > 1))
        for user, department in found
    ]


def _department(user, involved) -> str:
    """The name of one of the task's departments where they belong to one, else the main one."""
    own = sorted(
        user.memberships.all(),
        key=lambda m: (m.department_id not in involved, not m.is_main, m.pk),
    )
    return own[0].department.name if own else ""


def _label(user, department, ambiguous) -> str:
    words = [department, user.name, user.username if ambiguous else ""]
    return " ".join(word for word in words if word)


def _meant(text, entries) -> list[Entry]:
    """The entries a text spells, the fullest spelling first: a label means that person only."""
    key = _key(text)
    exact = [entry for entry in entries if key == _key(entry.label)]
    return exact or [entry for entry in entries if key in _spellings(entry)]


def _spellings(entry) -> set[str]:
    user = entry.user
    departments = [m.department for m in user.memberships.all()]
    names = {d.name for d in departments} | {d.short_name for d in departments} | {""}
    return {_key(name + user.name) for name in names} | {_key(user.username)}


def _key(text: str) -> str:
    return "".join(text.split()).casefold()
