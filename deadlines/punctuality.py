"""Counts, every hour, how many duties were kept in time: by department, kind and week."""

import datetime as dt
from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, Max, Min, Q

from accounts.models import Department
from deadlines.models import Deadline, Punctuality
from deadlines.policies import wall_clock, week_of
from deadlines.terms import Terms

WEEK = dt.timedelta(weeks=1)
# So long what fell due may still change its count; then a week stands as it was counted.
RECENT = 8
# The first run begins no further back.
FAR_BACK = 260

KEPT = Q(settled_at__lte=F("due_at"))
LATE = Q(settled_at=None) | Q(settled_at__gt=F("due_at"))


def week_bounds(week: dt.date, terms: Terms) -> tuple[dt.datetime, dt.datetime]:
    """A week as the half-open span of its moments."""
    midnight = dt.time(0)
    return wall_clock(week, midnight, terms.zone), wall_clock(week + WEEK, midnight, terms.zone)


def fell_due(since: dt.datetime, until: dt.datetime, now: dt.datetime):
    """The duties whose due moment lies in [since, until) and has passed.

    Cancelled ones and those that were moved to another person or moment are none.
    """
    return Deadline.objects.filter(
        due_at__gte=since,
        due_at__lt=min(until, now),
        settled_how__in=["", Deadline.Settled.DONE],
    )


def count_punctuality(now: dt.datetime) -> dict[str, int]:
    """Brings the counts of the last weeks up to date, week by week, the oldest first.

    Its cost follows what fell due in these weeks. The first run counts all weeks there are; one
    after an outage goes on with the week that was counted last. Twice changes nothing.
    """
    terms, departments = Terms.current(now), list(Department.objects.values_list("pk", flat=True))
    weeks = list(_weeks_to_count(terms, departments))
    return {"weeks": len(weeks), "changed": sum(_count(w, terms, departments) for w in weeks)}


def _weeks_to_count(terms, departments) -> Iterator[dt.date]:
    this_week = week_of(terms.today)
    counted = Punctuality.objects.aggregate(latest=Max("week"))["latest"]
    week = min(counted or _first_week(terms, departments), this_week - (RECENT - 1) * WEEK)
    week = max(week, this_week - FAR_BACK * WEEK)
    while week <= this_week:
        yield week
        week += WEEK


def _first_week(terms, departments) -> dt.date:
    """The week in which the first duty of all fell or falls due."""
    owed = Deadline.objects.filter(department__in=departments)
    first = owed.aggregate(first=Min("due_at"))["first"]
    return week_of(terms.local_day(first or terms.now))


def _count(week, terms, departments) -> int:
    """Counts one week; returns how many of its rows changed. Only the writing is a transaction."""
    found = _found(week, terms, departments)
    stored = {(row.department_id, row.kind): row for row in Punctuality.objects.filter(week=week)}
    wrong = {
        key: counts
        for key, counts in found.items()
        if key not in stored or counts != (stored[key].kept, stored[key].late)
    }
    gone = [row.pk for key, row in stored.items() if key not in found]
    if wrong or gone:
        _store(week, wrong, gone)
    return len(wrong) + len(gone)


def _found(week, terms, departments) -> dict[tuple[int, str], tuple[int, int]]:
    """(in time, late) by department and kind."""
    duties = fell_due(*week_bounds(week, terms), terms.now).filter(department__in=departments)
    counts = duties.values_list("department", "kind").annotate(
        kept=Count("pk", filter=KEPT), late=Count("pk", filter=LATE)
    )
    return {(department, kind): (kept, late) for department, kind, kept, late in counts.order_by()}


@transaction.atomic
def _store(week, wrong, gone) -> None:
    """Two runs at once store the same twice."""
    Punctuality.objects.filter(pk__in=gone).delete()
    Punctuality.objects.bulk_create(
        (
            Punctuality(week=week, department_id=department, kind=kind, kept=kept, late=late)
            for (department, kind), (kept, late) in sorted(wrong.items())
        ),
        update_conflicts=True,
        unique_fields=["week", "department", "kind"],
        update_fields=["kept", "late"],
    )
