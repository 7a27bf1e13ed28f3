"""When a person was last here: what changed since is new to them.

Every look at the first page belongs to a visit, and a visit ends with half an hour of absence. So
what is new stays new while one goes to and fro, and is old when one comes back tomorrow.
"""

import datetime as dt

from django.db.models import Case, F, Q, When

from accounts.models import User

ABSENCE = dt.timedelta(minutes=30)
NOTED_EVERY = dt.timedelta(minutes=5)
"""A look so soon after the last one moves nothing that anybody could notice."""


def last_here(user: User, now: dt.datetime) -> dt.datetime | None:
    """The last moment of the visit before the one it is now; None: this is the first one."""
    if user.here_at and now - user.here_at >= ABSENCE:
        return user.here_at
    return user.visit_before_at


def is_to_note(user: User, now: dt.datetime) -> bool:
    return user.here_at is None or now - user.here_at >= NOTED_EVERY


def note_visit(*, by: User, now: dt.datetime) -> None:
    """The person is here. One statement: of two pages opened at once only one begins a visit."""
    begins = Q(here_at__lte=now - ABSENCE)
    User.objects.filter(pk=by.pk).update(
        visit_before_at=Case(When(begins, then=F("here_at")), default=F("visit_before_at")),
        here_at=now,
    )
