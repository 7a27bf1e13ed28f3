"""Where a person stands in the organisation, and who stands above a department."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """Where a person stands in the organisation today.

    Who stands in for somebody absent acts like them until they are back: as head, as contact and
    as the person named. What is asked of one person alone (a signature, a confidential task) asks
    `in_person`.
    """

    person: int
    stands_in_for: frozenset[int]
    """The people, by id, whose absence with this stand-in includes today."""
    member_of: frozenset[int]
    heads: frozenset[int]
    contact_for: frozenset[int]
    oversees: frozenset[int]
    """The departments the person heads and every department below them."""
    in_person: "Standing | None" = None
    """The same without the people stood in for; None where there are none."""

    @property
    def people(self) -> frozenset[int]:
        """Whose part the person takes: their own, and that of whom they stand in for."""
        return self.stands_in_for | {self.person}

    @property
    def own(self) -> "Standing":
        """Where the person stands without being anybody's stand-in."""
        return self.in_person or self

    @property
    def reach(self) -> frozenset[int]:
        """Departments whose shared tasks the person sees: own, acted for, and below (R29)."""
        return self.member_of | self.contact_for | self.oversees


def stand(person, stands_in_for, seats, tree, contacts) -> Standing:
    """Where a person stands, from rows: `seats` are department ids, `tree` (id, id of the one
    above, id of the head) of every department, `contacts` (person, department) pairs.
    """

    def as_these(people, absent=frozenset(), own=None):
        heads = frozenset(pk for pk, _above, head in tree if head in people)
        return Standing(
            person=person,
            stands_in_for=absent,
            member_of=frozenset(seats),
            heads=heads,
            contact_for=frozenset(pk for who, pk in contacts if who in people),
            oversees=with_those_below(heads, ((pk, above) for pk, above, _head in tree)),
            in_person=own,
        )

    own = as_these({person})
    return as_these({person, *stands_in_for}, stands_in_for, own) if stands_in_for else own


def with_those_below(roots: Iterable[int], tree: Iterable[tuple[int, int | None]]) -> frozenset:
    """The departments and all below them; `tree` is (id, id of the one above) of every one."""
    children = defaultdict(list)
    for pk, above in tree:
        children[above].append(pk)
    found, waiting = set(), list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children[pk])
    return frozenset(found)


def with_those_above(pk, tree) -> set[int]:
    """A department and all above it, by id; `tree` is every department by its own."""
    found = set()
    while pk is not None and pk not in found:
        found.add(pk)
        pk = tree[pk].parent_id
    return found


def departments_above(department) -> Iterator:
    """The departments above, nearest first; a circle is walked once."""
    seen, above = {department.pk}, department.parent
    while above is not None and above.pk not in seen:
        seen.add(above.pk)
        yield above
        above = above.parent


def senior_managers(department) -> list:
    """The heads of the departments above, nearest first, each once, the own head left out."""
    managers = []
    for above in departments_above(department):
        if above.head and above.head_id != department.head_id and above.head not in managers:
            managers.append(above.head)
    return managers
