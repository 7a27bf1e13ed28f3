"""What the services of the organisation have in common."""

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from audit import history
from coordination.errors import DomainError


class Inactive(DomainError):
    code = "inactive"
    message = _("The department above is not active.")


def today(now) -> dt.date:
    """The organisation's day at a moment."""
    return timezone.localdate(now, Organisation.current().zone)


def from_nothing(fields) -> dict:
    return {field: (None, value) for field, value in fields.items() if value}


def switch(row, action, by, now, *, to):
    history.move(row, action, by=by, now=now, field="is_active", old=[not to], to=to)
