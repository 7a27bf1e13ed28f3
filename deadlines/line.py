"""Who is told of what is owed: the line from the owner upwards, and who stands in (R30)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.utils.functional import cached_property

from accounts.absence import stand_ins
from accounts.models import Contact, Department, User
from accounts.standing import senior_managers
from accounts.tree import linked_departments
from deadlines import kinds
from deadlines.models import Deadline, Role


class Line:
    """The people around a batch of deadlines: four statements, however many there are."""

    def __init__(self, deadlines: Iterable[Deadline], today: dt.date):
        self.deadlines = list(deadlines)
        self.today = today

    def told(self, deadline: Deadline, roles: Iterable[str]) -> dict[User, Role]:
        """Everybody who is told, each once, with the nearest of these roles; only active people."""
        people = {}
        for role in Role:
            if role in roles:
                for person in self._people(deadline, role):
                    people.setdefault(person, role)
        return {person: role for person, role in people.items() if person.is_active}

    def stand_ins_for(self, people: Iterable[User]) -> Iterator[tuple[User, User]]:
        """(who stands in, for whom): they get a copy, unless they are told themselves."""
        told = set(people)
        for person in told:
            stand_in = self._stand_ins.get(person.pk)
            if stand_in and stand_in not in told:
                yield stand_in, person

    def _people(self, deadline, role) -> list[User]:
        if role == Role.OWNER:
            return [deadline.owner]
        department = self._departments.get(deadline.department_id)
        if department is None:
            return []
        if role == Role.CONTACT:
            named = self._named.get((deadline.task_id, department.pk))
            return [named] if named else self._contacts[department.pk]
        if role == Role.HEAD:
            return [department.head] if department.head else []
        return senior_managers(department)[:1]

    @cached_property
    def _departments(self) -> dict[int, Department]:
        """All of them: few beside the deadlines."""
        return linked_departments()

    @cached_property
    def _contacts(self) -> dict[int, list[User]]:
        found = defaultdict(list)
        ids = {deadline.department_id for deadline in self.deadlines}
        for contact in Contact.objects.filter(department__in=ids).select_related("user"):
            found[contact.department_id].append(contact.user)
        return found

    @cached_property
    def _named(self) -> dict[tuple[int, int], User]:
        return kinds.named_contacts(deadline.task_id for deadline in self.deadlines)

    @cached_property
    def _stand_ins(self) -> dict[int, User]:
        heads = {d.head_id for d in self._departments.values()}
        others = {user.pk for users in self._contacts.values() for user in users}
        named = {user.pk for user in self._named.values()}
        owners = {deadline.owner_id for deadline in self.deadlines}
        return stand_ins(heads | others | named | owners, self.today)
