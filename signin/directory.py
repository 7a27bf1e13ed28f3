"""Signing in with the company's directory (LDAP). Needs requirements-ldap.txt; in use when LDAP_URL
is set.
"""

import logging

from django.conf import settings
from django.utils import timezone
from django_auth_ldap.backend import LDAPBackend, ldap_error

from accounts.models import User
from signin.services.company import create_from_directory

logger = logging.getLogger(__name__)


class DirectoryBackend(LDAPBackend):
    """Who has a password here signs in with that one only: nobody in the directory becomes them."""

    def get_or_build_user(self, username, ldap_user):
        """The person of an entry whose password was right; the library saves nothing of it."""
        person = _named(username)
        if person is None and settings.LDAP_CREATES_ACCOUNTS:
            words = {field: _first(ldap_user.attrs, of) for field, of in ATTRIBUTES.items()}
            person = create_from_directory(username=username, now=timezone.now(), **words)
        if person is None or person.has_usable_password() or not person.is_active:
            raise ldap_user.AuthenticationFailed("nobody here")
        return person, False


ATTRIBUTES = {
    "name": settings.LDAP_NAME_ATTRIBUTE,
    "email": settings.LDAP_EMAIL_ATTRIBUTE,
    "title": settings.LDAP_TITLE_ATTRIBUTE,
}


def _named(username) -> User | None:
    """Directories do not tell capitals from small letters; of two such people here it is neither,
    unless one is written just so.
    """
    found = list(User.objects.filter(username__iexact=username)[:2])
    exact = [person for person in found if person.username == username]
    return (exact or found)[0] if len(exact or found) == 1 else None


def _first(attributes, name) -> str:
    return next(iter(attributes.get(name) or []), "")


def say_that_it_is_away(sender, exception, **_):
    logger.warning("The directory does not answer as it should: %s", type(exception).__name__)


ldap_error.connect(say_that_it_is_away)
