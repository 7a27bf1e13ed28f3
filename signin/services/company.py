"""Company accounts and entries of the company's directory: whose they are."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts.models import User
from audit import history


def person_of(sociallogin, *, now) -> User | None:
    """The person a company account belongs to, known by the configured claim, else by a confirmed
    address that one person has. A new one where accounts are made this way; None for nobody.
    """
    claims = claims_of(sociallogin)
    if claim := settings.OIDC_USERNAME_CLAIM:
        found = User.objects.filter(username=_text(claims, claim)).first()
    else:
        found = _by_address(_confirmed_address(claims))
    if found or not settings.OIDC_CREATES_ACCOUNTS:
        return found
    return _join(claims, now)


@transaction.atomic
def link(sociallogin, *, person, request, now) -> None:
    """From now on this company account is that person."""
    sociallogin.connect(request, person)
    history.record(person, "person.company_account_linked", by=None, now=now)


def create_from_directory(*, username, name, email, title, now) -> User | None:
    """A new person as the directory describes them; None where the name cannot be one here."""
    try:
        return _create(username, name or username, _address(email), now, title=title[:100])
    except ValidationError:
        return None


def claims_of(sociallogin) -> dict:
    """What the identity provider says of the person: the signed token, and what it tells beside."""
    data = sociallogin.account.extra_data
    return (data.get("userinfo") or {}) | (data.get("id_token") or {})


def _by_address(address) -> User | None:
    found = User.objects.filter(email__iexact=address)[:2] if address else []
    return found[0] if len(found) == 1 else None


def _confirmed_address(claims) -> str:
    return _text(claims, "email") if claims.get("email_verified") in (True, "true") else ""


def _text(claims, name) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _join(claims, now) -> User | None:
    """A new person without departments and rights; None where the claims make none."""
    username = _text(claims, settings.OIDC_USERNAME_CLAIM or "preferred_username")
    address = _address(_confirmed_address(claims))
    try:
        return _create(username, _text(claims, "name") or username, address, now)
    except ValidationError:
        return None


def _address(text) -> str:
    """A mail address; "" for what is none."""
    try:
        validate_email(text)
    except ValidationError:
        return ""
    return text if len(text) <= 254 else ""


def _create(username, name, email, now, title="") -> User | None:
    """Raises ValidationError where the login name cannot be one here."""
    person = User(username=username, name=name[:100], email=email, title=title)
    person.set_unusable_password()
    User._meta.get_field("username").run_validators(username)
    try:
        with transaction.atomic():
            person.save()
            fields = ("username", "name", "email", "title")
            changes = {field: (None, getattr(person, field)) for field in fields}
            history.record(person, "person.created", by=None, now=now, changes=changes)
    except IntegrityError:
        # The name is somebody else's: two people are not made one by chance.
        return None
    return person
