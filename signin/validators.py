"""How long a password must be, and what it must not be made of."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Department, Organisation

# So much must be left of a password without what everybody here thinks of first.
LEFT = 6
OURS = {"coordination", "password", "admin", "密码"}
NOT_A_LETTER = re.compile(r"[\W\d_]+")


class LengthValidator(MinimumLengthValidator):
    """Django's, in words that every language of the pages has."""

    def get_error_message(self):
        return _("The password has fewer than %(number)d characters.") % {"number": self.min_length}


class OwnWordsValidator:
    """Refuses names of the organisation, its departments and this site with little else."""

    def validate(self, password, user=None):
        left = password.casefold()
        for word in sorted(own_words(), key=len, reverse=True):
            left = left.replace(word, "")
        if left != password.casefold() and len(NOT_A_LETTER.sub("", left)) < LEFT:
            raise ValidationError(self.get_help_text(), code="own_words")

    def get_help_text(self):
        return _("The password must not be made of names of the organisation and its departments.")


def own_words() -> set[str]:
    """In small letters, those of at least two characters."""
    names = {Organisation.current().name, *(urlsplit(settings.SITE_URL).hostname or "").split(".")}
    for pair in Department.objects.values_list("name", "short_name"):
        names.update(pair)
    return OURS | {name.casefold() for name in names if len(name) > 1}
