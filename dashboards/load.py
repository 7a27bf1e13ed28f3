"""How much people have to do in the coming weeks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, Department, Membership, User
from dashboards.seen import totalled
from deadlines.models import Deadline
from deadlines.policies import wall_clock, week_of
from deadlines.terms import Terms
from tasks.models import Subtask, Task
from tasks.workflow import SHARED

WEEKS = 8
NONE = [0] * WEEKS
WEEK = dt.timedelta(weeks=1)
DAY = dt.timedelta(days=1)
DUTIES = ("action_item", "issue_solution", "support_delivery")
"""What a person owes beside subtasks: agreed in talks, to solve an issue, promised to others."""
LEVELS = (
    (0, "none", _("free")),
    (2, "low", _("has room")),
    (4, "middle", _("well filled")),
    (None, "high", _("overloaded")),
)
"""Up to how much a person has in a week, how that is drawn and called."""


@dataclass(frozen=True)
class Week:
    """A week of the page; overdue things weigh on the first one, which is now."""

    monday: dt.date
    is_first: bool
    working_days: int

    @property
    def sunday(self) -> dt.date:
        return self.monday + 6 * DAY

    @property
    def is_short(self) -> bool:
        return self.working_days < 5

    def at_work(self) -> Q:
        """The open subtasks at work in it; one that is overdue still is."""
        begun = Q(start_date__lte=self.sunday)
        return begun if self.is_first else begun & Q(due_date__gte=self.monday)

    def due(self, zone) -> Q:
        """The open duties due in it, or overdue by now."""
        until = Q(due_at__lt=wall_clock(self.monday + WEEK, dt.time(), zone))
        if self.is_first:
            return until
        return until & Q(due_at__gte=wall_clock(self.monday, dt.time(), zone))


@dataclass(frozen=True)
class Cell:
    """What a person or a department has in a week: subtasks at work and duties due.

    `away`: the working days on which a person is away, or how many people of a department are.
    """

    week: Week
    subtasks: int
    duties: int
    away: int = 0
    people: int = 1

    @property
    def total(self) -> int:
        return self.subtasks + self.duties

    @property
    def is_away(self) -> bool:
        """Whether the person is not there at all."""
        return 0 < self.week.working_days <= self.away

    @cached_property
    def level(self) -> tuple[str, str]:
        """(how it is drawn, the word for it), for each person of those there are."""
        load = self.total / max(self.people, 1)
        return next((look, word) for most, look, word in LEVELS if most is None or load <= most)


@dataclass(frozen=True)
class Line:
    """A department or a person with the weeks."""

    subject: Department | User
    cells: list[Cell]


def weeks_ahead(terms: Terms) -> list[Week]:
    """This week and the seven after it."""
    first, is_working = week_of(terms.today), terms.calendar.is_working
    mondays = [first + number * WEEK for number in range(WEEKS)]
    return [
        Week(monday, monday == first, sum(is_working(monday + n * DAY) for n in range(7)))
        for monday in mondays
    ]


class Load:
    """What departments have to do, as far as a person may see it.

    Counted by the database, one statement for subtasks and one for duties, whatever their number.
    """

    def __init__(self, user: User, departments: QuerySet | list, terms: Terms):
        self.terms = terms
        self.weeks = weeks_ahead(terms)
        self.subtasks = totalled(
            Subtask.objects.open().filter(task__stage__in=SHARED, department__in=departments), user
        )
        task = Task.objects.filter(pk=OuterRef("task_id"))
        self.is_seen = Exists(task.visible_to(user))
        # What was agreed may concern tasks in which the department takes no part (R29).
        self.duties = Deadline.objects.open().filter(
            Exists(task.counted_to(user)), kind__in=DUTIES, department__in=departments
        )

    def of_departments(self, departments: list[Department]) -> list[Line]:
        members = Membership.objects.filter(department__in=departments, user__is_active=True)
        counted = members.values("department").annotate(people=Count("pk"))
        people = dict(counted.values_list("department", "people"))
        away, counts = self._people_away(departments), self._counts("department")
        return [
            Line(
                each,
                [
                    Cell(*c, away=absent, people=people.get(each.pk, 0))
                    for c, absent in zip(counts(each), away.get(each.pk, NONE), strict=True)
                ],
            )
            for each in departments
        ]

    def of_people(self, people: list[User]) -> list[Line]:
        away, counts = self._days_away(people), self._counts("owner")
        return [
            Line(
                each,
                [Cell(*c, away=days) for c, days in zip(counts(each), away[each.pk], strict=True)],
            )
            for each in people
        ]

    def behind(self, week: Week, owner: User | None, at_most: int) -> tuple[list, list]:
        """The subtasks and the duties that a number counts, the most urgent first; not those of
        confidential tasks, which are counted and nothing else.
        """
        mine = Q(self.is_seen, owner=owner) if owner else Q(self.is_seen)
        subtasks = self.subtasks.filter(mine, week.at_work()).order_by("due_date", "pk")
        duties = self.duties.filter(mine, week.due(self.terms.zone)).order_by("due_at", "pk")
        return (
            list(subtasks.select_related("task", "owner", "department")[:at_most]),
            list(duties.select_related("owner", "department")[:at_most]),
        )

    def _counts(self, key: str):
        """For each subject (week, subtasks, duties), week by week."""
        subtasks = _counted(self.subtasks, key, [week.at_work() for week in self.weeks])
        duties = _counted(self.duties, key, [week.due(self.terms.zone) for week in self.weeks])

        def counts(subject):
            numbers = subtasks.get(subject.pk, NONE), duties.get(subject.pk, NONE)
            return zip(self.weeks, *numbers, strict=True)

        return counts

    def _people_away(self, departments) -> dict[int, list[int]]:
        """How many people of each department are away on a day or more of each week."""
        first, last = self.weeks[0].monday, self.weeks[-1].sunday
        absences = Absence.objects.overlapping(first, last).filter(
            person__is_active=True, person__memberships__department__in=departments
        )
        inside = [Q(starts_on__lte=w.sunday, ends_on__gte=w.monday) for w in self.weeks]
        return _counted(absences, "person__memberships__department", inside, of="person")

    def _days_away(self, people) -> dict[int, list[int]]:
        """The working days in each week on which each of the people is away."""
        first, last = self.weeks[0].monday, self.weeks[-1].sunday
        days = defaultdict(set)
        for absence in Absence.objects.overlapping(first, last).filter(person__in=people):
            starts, ends = max(absence.starts_on, first), min(absence.ends_on, last)
            days[absence.person_id] |= {starts + n * DAY for n in range((ends - starts).days + 1)}
        is_working = self.terms.calendar.is_working
        return {
            person.pk: [
                sum(week_of(day) == week.monday and is_working(day) for day in days[person.pk])
                for week in self.weeks
            ]
            for person in people
        }


def _counted(rows, key: str, insides: Iterable[Q], of="pk") -> dict[int, list[int]]:
    """How many (different ones `of`) lie inside each of the conditions, by what `key` holds."""
    counts = {
        f"n{number}": Count(of, filter=inside, distinct=of != "pk")
        for number, inside in enumerate(insides)
    }
    found = rows.order_by().values(key).annotate(**counts)
    return {row[key]: [row[name] for name in counts] for row in found}
