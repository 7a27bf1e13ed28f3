"""Whether a password is somebody's, here or in the company's directory."""

from django.conf import settings
from django.contrib.auth import authenticate

from accounts.models import User


def is_password_of(person: User, password: str) -> bool:
    """Asks everybody who keeps passwords. False for who may not sign in."""
    found = authenticate(None, username=person.username, password=password)
    return found is not None and found.pk == person.pk


def has_password(person: User) -> bool:
    """Whether there is one to be asked for: in the directory everybody may have one."""
    return person.has_usable_password() or bool(settings.LDAP_URL)
