"""Keeps the organisation's own settings."""

from django.db import transaction

from accounts import permissions
from accounts.models import Organisation
from audit import history


@transaction.atomic
def edit_organisation(
    *, by, now, version, name, time_zone, language, number_pattern
) -> Organisation:
    """The organisation's own settings; numbers already given stay as they are (R5)."""
    permissions.ORGANISATION.require(by, "edit", None)
    organisation, _created = Organisation.objects.get_or_create(pk=1, defaults={"name": ""})
    history.change(
        organisation,
        "organisation.edited",
        by=by,
        now=now,
        version=version,
        name=name,
        time_zone=time_zone,
        language=language,
        number_pattern=number_pattern,
    )
    return organisation
