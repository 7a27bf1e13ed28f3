"""Passwords by mail."""

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services import people
from audit import history
from coordination.errors import DomainError
from deadlines.services import tell
from signin.links import person_of

# Several people may share an address; nobody's mailbox is flooded.
AT_MOST = 5


class LinkUsedUp(DomainError):
    code = "link_used_up"
    message = _("This link has been used or is too old. Ask for a new one.")


@transaction.atomic
def ask_for_link(*, email: str, now) -> None:
    """Mails each active person of this address a link to set a password; nobody, if nobody has it.

    Who asks is not known, so the history names nobody. Passwords of the directory are kept there.
    """
    people = User.objects.active().filter(email__iexact=email).order_by("pk")
    if settings.LDAP_URL:
        people = people.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    for person in people[:AT_MOST]:
        event = history.record(person, "person.link_asked", by=None, now=now)
        link = reverse("accounts:profile")
        tell(event=event, people=[person], link=link, now=now, stands_alone=True, at_once=True)


@transaction.atomic
def set_password_by_link(*, key: str, password: str, now) -> User:
    """Sets the password once; all sessions end. Two at the same moment: the second is refused."""
    person = person_of(key, lock=True)
    if person is None:
        raise LinkUsedUp
    return people.set_password_by_link(person=person, now=now, password=password)
