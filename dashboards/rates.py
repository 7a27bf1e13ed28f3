"""On-time rates of departments, from what is counted every hour (deadlines.punctuality)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Sum
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy

from coordination.charts import Chart, Kind, Series
from deadlines import kinds
from deadlines.models import Punctuality
from deadlines.policies import week_of
from deadlines.punctuality import WEEK

TREND = 12
"""How many weeks a trend shows, the one it is now among them."""

MONTHS = 6

GROUPS = {
    "logs": (pgettext_lazy("duties", "Logs"), ("communication_log",)),
    "updates": (pgettext_lazy("duties", "Progress updates"), ("progress_update",)),
    "syncs": (pgettext_lazy("duties", "Weekly syncs"), ("weekly_sync",)),
    "issues": (pgettext_lazy("duties", "Issues"), ("issue_report", "issue_solution", "issue_next")),
}
"""What is looked at together: its name and the kinds of duties in it."""

LOOKS = ("actual", "second", "third", "fourth")

GROUP_OF = {kind: group for group, (_name, members) in GROUPS.items() for kind in members}


@dataclass(frozen=True)
class Rate:
    """How much of what fell due was kept in time."""

    kept: int = 0
    late: int = 0

    @property
    def due(self) -> int:
        return self.kept + self.late

    @property
    def percent(self) -> int | None:
        """Rounded down: 100 means every one. None where nothing fell due."""
        return self.kept * 100 // self.due if self.due else None

    @property
    def is_low(self) -> bool:
        """Below nine of ten."""
        return self.kept * 10 < self.due * 9

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.kept + other.kept, self.late + other.late)


Rates = dict[tuple, Rate]


def rates_by_week(departments: Iterable, first: dt.date, last: dt.date) -> Rates:
    """{(group, Monday): rate} of departments together, from one week to another."""
    return _rates("week", departments, first, last)


def rates_by_department(departments: Iterable, first: dt.date, last: dt.date) -> Rates:
    """{(group, department's id): rate} over the weeks from one to another."""
    return _rates("department", departments, first, last)


def _rates(field, departments, first, last) -> Rates:
    """One statement, which adds up where the counts are."""
    counts = Punctuality.objects.filter(
        week__gte=first, week__lte=last, department__in=departments, kind__in=GROUP_OF
    )
    found = defaultdict(Rate)
    sums = counts.values_list(field, "kind").annotate(Sum("kept"), Sum("late")).order_by()
    for key, kind, kept, late in sums:
        found[GROUP_OF[kind], key] += Rate(kept, late)
    return found


@dataclass(frozen=True)
class Month:
    """A calendar month; a week counts for the month its Monday lies in."""

    first: dt.date

    @property
    def weeks(self) -> list[dt.date]:
        """The Mondays in it."""
        monday = week_of(self.first + dt.timedelta(days=6))
        days = (monday + n * WEEK for n in range(5))
        return [day for day in days if day.month == self.first.month]

    @property
    def code(self) -> str:
        """As it stands in an address: 2024-10."""
        return self.first.isoformat()[:7]

    @property
    def before(self) -> "Month":
        return Month((self.first - dt.timedelta(days=1)).replace(day=1))

    @classmethod
    def read(cls, code: str) -> "Month":
        """The month of a code; ValueError for anything else."""
        month = cls(dt.date.fromisoformat(f"{code}-01"))
        if month.code != code or not 1900 < month.first.year < 2200:
            raise ValueError(code)
        return month


def last_months(today: dt.date, count: int) -> list[Month]:
    """So many months, the latest first: the one of this week's Monday, and those before it."""
    months = [Month(week_of(today).replace(day=1))]
    while len(months) < count:
        months.append(months[-1].before)
    return months


def last_weeks(today: dt.date, count: int = TREND) -> list[dt.date]:
    """The Mondays of the last weeks, the oldest first, this week the last."""
    this_week = week_of(today)
    return [this_week - n * WEEK for n in reversed(range(count))]


@dataclass(frozen=True)
class Cell:
    """A rate, with what it is about: as much of an address as opens the duties behind it."""

    group: str
    rate: Rate
    week: dt.date | None = None
    month: Month | None = None

    @property
    def name(self) -> str:
        return GROUPS[self.group][0]


class History:
    """How departments together kept their word: by month, and week by week. One statement."""

    def __init__(self, departments: Iterable, today: dt.date):
        self.months, self.weeks = last_months(today, MONTHS), last_weeks(today)
        first = min(self.weeks[0], self.months[-1].first)
        self._rates = rates_by_week(departments, first, self.weeks[-1])

    @property
    def names(self) -> list[str]:
        return [name for name, _kinds in GROUPS.values()]

    @property
    def by_month(self) -> list[tuple[str, list[Cell]]]:
        """Each group with its rate in every month."""
        return [
            (name, [Cell(group, self._in(group, m.weeks), month=m) for m in self.months])
            for group, (name, _kinds) in GROUPS.items()
        ]

    @property
    def this_month(self) -> list[Cell]:
        """The rate of each group in the latest month."""
        month = self.months[0]
        return [Cell(group, self._in(group, month.weeks), month=month) for group in GROUPS]

    @property
    def by_week(self) -> list[tuple[dt.date, list[Cell]]]:
        """Each of the last weeks with the rate of every group."""
        return [
            (week, [Cell(group, self._in(group, [week]), week=week) for group in GROUPS])
            for week in self.weeks
        ]

    @property
    def trend(self) -> Chart:
        """The same weeks as a chart."""
        return Chart(
            kind=Kind.TREND,
            title=gettext("Kept in time each week, in percent of what fell due"),
            heading=gettext("Week from"),
            labels=tuple(date_format(week, "SHORT_DATE_FORMAT") for week in self.weeks),
            series=tuple(
                Series(str(name), tuple(self._in(g, [week]).percent for week in self.weeks), look)
                for (g, (name, _kinds)), look in zip(GROUPS.items(), LOOKS, strict=True)
            ),
            unit="%",
        )

    def _in(self, group, weeks) -> Rate:
        return sum((self._rates.get((group, week), Rate()) for week in weeks), Rate())


def rules() -> list[tuple[str, list[str]]]:
    """What each group is made of, in the words of the duties."""
    return [
        (name, [kinds.get(kind).label for kind in members]) for name, members in GROUPS.values()
    ]
