"""Second factors: had, lost, and taken away."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import permissions
from accounts.services.people import end_access
from audit import history
from coordination.errors import DomainError
from deadlines.services import tell
from signin.middleware import needs_second_factor

WORDS = {Authenticator.Type.TOTP: "app", Authenticator.Type.WEBAUTHN: "passkey"}


class LastFactor(DomainError):
    code = "last_factor"
    message = _("Administrators need a second factor. Add another one first.")


def factors_of(person) -> list[Authenticator]:
    """The apps, passkeys and recovery codes of a person, the oldest first; one statement."""
    return list(Authenticator.objects.filter(user=person).order_by("pk"))


@transaction.atomic
def add_factor(*, person, kind: str, now) -> None:
    """Writes down that django-allauth has added a factor of a type in the same transaction."""
    history.record(person, f"person.{WORDS[kind]}_added", by=person, now=now)


@transaction.atomic
def remove_factor(*, factor: Authenticator, by, now) -> None:
    """Removes one of a person's own factors; recovery codes do not stay behind alone."""
    rows = {each.pk: each for each in Authenticator.objects.select_for_update().filter(user=by)}
    left = [each for each in rows.values() if each.pk != factor.pk and each.type in WORDS]
    if factor.pk not in rows:
        return
    if not left and needs_second_factor(by):
        raise LastFactor
    (Authenticator.objects.filter(pk=factor.pk) if left else by.authenticator_set.all()).delete()
    history.record(by, f"person.{WORDS[factor.type]}_removed", by=by, now=now)


@transaction.atomic
def make_recovery_codes(*, person, now) -> None:
    history.record(person, "person.recovery_codes_made", by=person, now=now)


@transaction.atomic
def take_second_factor(*, person, by, now) -> None:
    """An administrator takes away what somebody has lost; all sessions of that person end."""
    permissions.PERSON.require(by, "take_second_factor", person)
    if not person.authenticator_set.all().delete()[0]:
        return
    end_access(person)
    event = history.record(person, "person.second_factor_taken", by=by, now=now)
    tell(event=event, people=[person], link=reverse("mfa_index"), now=now, required=True)


@transaction.atomic
def end_all_sessions(*, person, by, now) -> None:
    """An administrator signs a person out everywhere."""
    permissions.PERSON.require(by, "end_sessions", person)
    end_access(person)
    history.record(person, "person.all_sessions_ended", by=by, now=now)
