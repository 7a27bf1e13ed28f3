"""Who stands in for whom."""

from collections.abc import Iterable

from accounts.models import Absence, User


def stand_ins(people_ids: Iterable[int], day) -> dict[int, User]:
    """Who stands in on a day, by the id of the absent person: active people only."""
    away = Absence.objects.on(day).filter(person__in=set(people_ids), stand_in__is_active=True)
    return {absence.person_id: absence.stand_in for absence in away.select_related("stand_in")}
