"""The departments as the tree they are."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from accounts.models import Department

AT_MOST = 1000


@dataclass(frozen=True)
class Node:
    """A department in the order of reading, with the lists to open and close around it."""

    department: Department
    opens: bool
    closes: range
    """One turn for each list that ends after this department."""


def linked_departments() -> dict[int, Department]:
    """Every department by id, each with its head and linked to the one above; one statement."""
    found = Department.objects.select_related("head").in_bulk()
    for department in found.values():
        if department.parent_id:
            department.parent = found[department.parent_id]
    return found


def department_tree() -> list[Node]:
    """Every department below the one above it, with `people` counted. Four statements.

    A department whose parent is not among those read stands at the top.
    """
    departments = list(
        Department.objects.select_related("head")
        .prefetch_related("contacts__user")
        .annotate(people=Count("memberships", filter=Q(memberships__user__is_active=True)))
        .order_by("pk")[:AT_MOST]
    )
    read = {d.pk for d in departments}
    children = defaultdict(list)
    for department in departments:
        children[department.parent_id if department.parent_id in read else None].append(department)
    return _nodes(_in_order(children), children)


def _in_order(children):
    """(department, depth) from the top down; no recursion, so no depth is too much."""
    waiting = [(d, 0) for d in reversed(children[None])]
    while waiting:
        department, depth = waiting.pop()
        yield department, depth
        waiting.extend((d, depth + 1) for d in reversed(children.get(department.pk, [])))


def _nodes(ordered, children):
    ordered = list(ordered)
    depths = [depth for _department, depth in ordered] + [0]
    return [
        Node(department, bool(children.get(department.pk)), range(depth - depths[index + 1]))
        for index, (department, depth) in enumerate(ordered)
    ]
