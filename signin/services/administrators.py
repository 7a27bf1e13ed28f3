"""The first administrator, made by whoever has the machine."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.services.people import UsernameTaken
from audit import history
from coordination.errors import DomainError


class WeakPassword(DomainError):
    code = "weak_password"


@transaction.atomic
def create_administrator(*, username, name, email, password: str | None, now) -> User:
    """A system administrator; without a password they set one by a link.

    Raises UsernameTaken, or WeakPassword with what is wrong with it.
    """
    person = User(username=username, name=name, email=email, is_staff=True)
    if password is not None:
        _require_good(password, person)
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        raise UsernameTaken from error
    changes = {field: (None, getattr(person, field)) for field in ("username", "name", "email")}
    changes["is_staff"] = (None, True)
    history.record(person, "person.created", by=None, now=now, changes=changes)
    return person


def _require_good(password, person):
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from error
