"""Who is away, and who stands in."""

import datetime as dt
from collections.abc import Iterable

from accounts.models import Absence, User


def stand_ins(people_ids: Iterable[int], day: dt.date) -> dict[int, User]:
    """Who stands in on a day, by the id of each of these people who is away; one statement.

    There is no chain: a stand-in who is away too remains the stand-in, and theirs is not asked,
    so that a copy goes to the one person who was named for it.
    """
    absences = Absence.objects.on(day).filter(person__in=people_ids, stand_in__is_active=True)
    return {each.person_id: each.stand_in for each in absences.select_related("stand_in")}


def stand_in_away(absence: Absence) -> Absence | None:
    """An absence of the stand-in that shares a day with this one; allowed, but worth saying."""
    own = absence.stand_in.absences.overlapping(absence.starts_on, absence.ends_on)
    return own.order_by("starts_on").first()
