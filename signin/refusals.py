"""Refused passwords, in the log: whose, and from where."""

import logging

from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

from accounts import throttle
from accounts.models import User

logger = logging.getLogger(__name__)


@receiver(user_login_failed)
def write_down(credentials, request=None, **kwargs):
    """A name that nobody has is left out: it may be a password in the wrong field."""
    name = str(credentials.get("username", ""))
    whose = User.objects.filter(username=name).values_list("pk", flat=True).first()
    account = f"person {whose}" if whose else "nobody known"
    origin = throttle.address_of(request) if request else "this machine"
    logger.warning("A password was refused: %s, from %s.", account, origin)
