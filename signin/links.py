"""Links to set a password. One opens once and for an hour: it is a keyed hash over the password,
the address and the last visit of the person, so that each of them changing ends it.
"""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.http import base36_to_int, int_to_base36

from accounts.models import User


def link_for(person: User) -> str:
    """The key stands behind the question mark, where no log of ours writes it down."""
    key = f"{int_to_base36(person.pk)}-{default_token_generator.make_token(person)}"
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key')}?key={key}"


def person_of(key: str, *, lock=False) -> User | None:
    """Whose password the key sets; None where it is used up, too old or none at all."""
    who, _dash, token = key.partition("-")
    people = User.objects.active()
    try:
        found = (people.select_for_update() if lock else people).get(pk=base36_to_int(who))
    except (ValueError, OverflowError, User.DoesNotExist):
        return None
    return found if default_token_generator.check_token(found, token) else None
