"""Who is there to take over what somebody leaves: the people around, asked once for all of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property

from django.db.models import Q

from accounts.models import Contact, Department, User
from accounts.standing import with_those_above


class Successors:
    """The active people of some departments and of those above; four statements for any number."""

    def __init__(self, former: User, departments: Iterable[int]):
        self.former = former
        self._tree = Department.objects.in_bulk()
        self._own = {seat.department_id for seat in former.seats}
        places = {pk for pk in departments if pk in self._tree} | self._own
        self._places = set().union(*(self._above(pk) for pk in places))

    def members(self, department: int) -> set[int]:
        """Who belongs to a department."""
        return self._members[department]

    def may_head(self, department: int) -> set[int]:
        """Who belongs to a department or to one above it."""
        return set().union(*(self.members(pk) for pk in self._above(department)))

    def contacts(self, department: int) -> set[int]:
        return self._contacts[department] & self.people.keys()

    def may_initiate(self, department: int) -> set[int]:
        """The head and the contacts of a department (R1), and who may become that after somebody
        who leaves.
        """
        head, contacts = self._tree[department].head_id, self._contacts[department]
        found = {head} & self.people.keys() | self.contacts(department)
        if self.former.pk == head:
            found |= self.may_head(department)
        return found | self.members(department) if self.former.pk in contacts else found

    def colleagues(self, department: int | None = None) -> set[int]:
        """The people of a department, or of all that the person leaves, the heads of these and of
        those above; for administrators also the others of their kind.
        """
        places = self._own if department is None else {department}
        above = set().union(*(self._above(pk) for pk in places))
        found = set().union(*(self.members(pk) for pk in places))
        found |= {self._tree[pk].head_id for pk in above} & self.people.keys()
        return found | {pk for pk, person in self.people.items() if self._alike(person)}

    def department(self, pk: int | None) -> Department | None:
        return self._tree.get(pk)

    @cached_property
    def people(self) -> dict[int, User]:
        """Everybody who could take something over, by id."""
        heads = {self._tree[pk].head_id for pk in self._places}
        among = Q(memberships__department__in=self._places) | Q(pk__in=heads - {None})
        among |= Q(contact_roles__department__in=self._places)
        for right in ("is_staff", "is_records_administrator"):
            if getattr(self.former, right):
                among |= Q(**{right: True})
        people = User.objects.active().filter(among).exclude(pk=self.former.pk).distinct()
        return {person.pk: person for person in people.prefetch_related("memberships")}

    @cached_property
    def labels(self) -> dict[int, str]:
        """How each is called: “市场部 专员H”, with the login name where two are called alike."""
        plain = {pk: self._label(person) for pk, person in self.people.items()}
        times = Counter(plain.values())
        return {
            pk: f"{text} ({self.people[pk].username})" if times[text] > 1 else text
            for pk, text in plain.items()
        }

    def find(self, text: str, among: Iterable[int]) -> User | None:
        """The one of these people whom a text means: the label, the name or the login name."""
        key, meant = _key(text), []
        for pk in among:
            person = self.people[pk]
            if key in (_key(self.labels[pk]), _key(person.username)):
                return person
            if key == _key(person.name):
                meant.append(person)
        return meant[0] if len(meant) == 1 else None

    @cached_property
    def _members(self):
        found = defaultdict(set)
        for person in self.people.values():
            for membership in person.memberships.all():
                found[membership.department_id].add(person.pk)
        return found

    @cached_property
    def _contacts(self):
        found = defaultdict(set)
        roles = Contact.objects.filter(department__in=self._places)
        for department, person in roles.values_list("department", "user"):
            found[department].add(person)
        return found

    def _label(self, person) -> str:
        seats = sorted(person.memberships.all(), key=lambda m: (not m.is_main, m.pk))
        return f"{self._tree[seats[0].department_id]} {person}" if seats else str(person)

    def _alike(self, person) -> bool:
        """Whether they are administrators of the same kind."""
        rights = ("is_staff", "is_records_administrator")
        return any(getattr(self.former, r) and getattr(person, r) for r in rights)

    def _above(self, department) -> set[int]:
        return with_those_above(department, self._tree)


def _key(text: str) -> str:
    return "".join(text.split()).casefold()
