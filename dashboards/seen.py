"""Whose work a person may look at (R29)."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Department, User
from tasks.models import Task


def departments_seen(user: User):
    """The departments of which a person sees every shared task, and so all that they owe.

    The same question as accounts.permissions.DEPARTMENT["see_work"], asked of all at once.
    """
    if user.is_records_administrator:
        return Department.objects.all()
    return Department.objects.filter(pk__in=user.standing.reach)


def oversees(user: User, department: Department) -> bool:
    """Whether this person's totals of a department count what is confidential, too."""
    return user.is_records_administrator or department.pk in user.standing.oversees


def totalled(rows: QuerySet, user: User) -> QuerySet:
    """Those rows of departments that count in a person's totals: of confidential tasks, what they
    may see, and what the departments owe that they head or stand above.
    """
    if user.is_records_administrator:
        return rows
    closed = Task.objects.closed_to(user).filter(pk=OuterRef("task_id"))
    return rows.filter(Q(department__in=user.standing.oversees) | ~Exists(closed))
