"""What a person still owes, asked before they are deactivated (accounts.leaving)."""

from django.utils.translation import ngettext

from deadlines.models import Deadline


def still_owed(person) -> list[str]:
    number = Deadline.objects.owed_by(person).count()
    words = ngettext("one open duty", "%(number)d open duties", number)
    return [words % {"number": number}] if number else []
