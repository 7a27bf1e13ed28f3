"""Where a person stands, and who stands above a department."""

from collections import defaultdict

from accounts.models import Contact, Department, Membership, Standing, User


def standing_of(user: User) -> Standing:
    """Three statements, whatever the size of the organisation."""
    tree = list(Department.objects.values_list("pk", "parent_id", "head_id"))
    heads = {pk for pk, _parent, head in tree if head == user.pk}
    return Standing(
        member_of=frozenset(_ids(Membership, user)),
        heads=frozenset(heads),
        contact_for=frozenset(_ids(Contact, user)),
        oversees=frozenset(_with_descendants(heads, tree)),
    )


def senior_managers(department: Department) -> list[User]:
    """The heads of the departments above, nearest first, each once, the own head left out."""
    managers, seen = [], {department.pk}
    above = department.parent
    while above is not None and above.pk not in seen:
        seen.add(above.pk)
        if above.head and above.head_id != department.head_id and above.head not in managers:
            managers.append(above.head)
        above = above.parent
    return managers


def _ids(model, user):
    return model.objects.filter(user=user).values_list("department_id", flat=True)


def _with_descendants(roots, tree):
    children = defaultdict(list)
    for pk, parent, _head in tree:
        children[parent].append(pk)
    found, waiting = set(), list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children[pk])
    return found
