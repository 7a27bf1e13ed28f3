"""The names that people and their departments stand under in a record."""

from collections.abc import Iterable

from accounts.models import User
from records.record import Person


def people(ids: Iterable[int | None]) -> dict[int, Person]:
    """By id, each with the main department's name; one statement."""
    found = {}
    memberships = User.objects.filter(pk__in=ids).order_by("pk", "memberships__is_main")
    columns = ("pk", "name", "username", "memberships__department__name")
    # The main department comes last and stays.
    for pk, name, username, department in memberships.values_list(*columns):
        found[pk] = Person(name or username, department or "")
    return found
