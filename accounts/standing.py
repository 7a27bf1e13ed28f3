"""Where a person stands in the organisation, and who stands above a department."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Standing:
    """Where a person stands in the organisation, as sets of department ids."""

    member_of: frozenset[int]
    heads: frozenset[int]
    contact_for: frozenset[int]
    oversees: frozenset[int]
    """The departments the person heads and every department below them."""

    @property
    def reach(self) -> frozenset[int]:
        """Departments whose shared tasks the person sees: own, acted for, and below (R29)."""
        return self.member_of | self.contact_for | self.oversees


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
