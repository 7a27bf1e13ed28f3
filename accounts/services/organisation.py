"""Keeps the organisation's own settings."""

from django.db import transaction

from accounts import permissions, succession
from accounts.models import Organisation
from audit import history


@transaction.atomic
def edit_organisation(
    *,
    by,
    now,
    version,
    name,
    time_zone,
    language,
    number_pattern,
    monday_moves,
    tolerance,
    silent_days,
    moved_times,
    quiet_departments,
) -> Organisation:
    """The organisation's own settings; numbers already given stay as they are (R5).

    What is owed is reckoned anew where days and weeks now begin and end elsewhere.
    """
    permissions.ORGANISATION.require(by, "edit", None)
    organisation, _created = Organisation.objects.get_or_create(pk=1, defaults={"name": ""})
    before = _clock(organisation)
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
        monday_moves=monday_moves,
        tolerance=tolerance,
        silent_days=silent_days,
        moved_times=moved_times,
        quiet_departments=quiet_departments,
    )
    if _clock(organisation) != before:
        succession.clock_changed(now)
    return organisation


def _clock(organisation):
    return organisation.time_zone, organisation.monday_moves
