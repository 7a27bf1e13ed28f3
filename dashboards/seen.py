"""Whose work a person may look at (R29)."""

from accounts.models import Department, User


def departments_seen(user: User):
    """The departments of which a person sees every shared task, and so all that they owe.

    The same question as accounts.permissions.DEPARTMENT["see_work"], asked of all at once.
    """
    if user.is_records_administrator:
        return Department.objects.all()
    return Department.objects.filter(pk__in=user.standing.reach)
