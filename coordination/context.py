"""What every page's frame needs."""

from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from deadlines import health
from deadlines.pulse import take_pulse


def page(request):
    return {
        "organisation": getattr(request, "organisation", None),
        "troubles": SimpleLazyObject(lambda: _troubles(getattr(request, "user", None))),
    }


def _troubles(user) -> list[health.Check]:
    """What is wrong with the system, for administrators: one statement more a page."""
    if not (user and user.is_staff):
        return []
    found = health.checks(take_pulse(), timezone.now())
    return [check for check in found if not check.is_ok]
