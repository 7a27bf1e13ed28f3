"""How time is counted here and now: the organisation's zone, its work calendar, its ladders."""

import datetime as dt
from dataclasses import dataclass

from django.utils.functional import cached_property

from accounts.models import Organisation
from deadlines import kinds, policies
from deadlines.calendar import work_calendar
from deadlines.models import Ladder
from deadlines.policies import Due, Step


@dataclass
class Terms:
    """Each part is read once, when it is first asked for: three statements at most.

    Kept by Django's cached_property: that of functools has one lock for all threads in Python
    3.11, and whoever waits for a connection under it stops those who hold one.
    """

    now: dt.datetime

    @classmethod
    def current(cls, now: dt.datetime) -> "Terms":
        return cls(now)

    @cached_property
    def organisation(self) -> Organisation:
        return Organisation.current()

    @cached_property
    def calendar(self) -> policies.WorkCalendar:
        return work_calendar()

    @cached_property
    def _ladders(self) -> dict[str, Ladder]:
        return {ladder.kind: ladder for ladder in Ladder.objects.all()}

    @property
    def zone(self):
        return self.organisation.zone

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    def local_day(self, moment: dt.datetime) -> dt.date:
        """The day of a moment in the organisation's zone."""
        return moment.astimezone(self.zone).date()

    def end_of_day(self, day: dt.date) -> Due:
        return policies.due_on(day, self.zone)

    def hours(self, count: int, since: dt.datetime) -> Due:
        return policies.due_within_hours(count, since)

    def working_days(self, kind: str, since: dt.datetime) -> Due:
        """By the end of the last of the working days that a kind of duty allows."""
        return policies.due_within_days(self.within(kind), since, self.zone, self.calendar)

    def monday_noon(self, week: dt.date) -> Due:
        moves = self.organisation.monday_moves
        return policies.due_monday_noon(week, self.zone, self.calendar, moves=moves)

    def end_of_week(self, week: dt.date) -> Due:
        return policies.due_this_week(week, self.zone)

    def within(self, kind: str) -> int:
        """How many working days a kind of duty allows, as shipped or as administrators set it."""
        own = self._ladders.get(kind)
        return own.within if own and own.within else kinds.get(kind).within

    def steps(self, kind: str) -> tuple[Step, ...]:
        """The ladder of a kind of duty, as shipped or as administrators set it."""
        own = self._ladders.get(kind)
        if own and own.steps:
            return kinds.ladder(*own.steps)
        return kinds.get(kind).ladder

    def is_changed(self, kind: str) -> bool:
        """Whether administrators have set it otherwise than shipped."""
        own = self._ladders.get(kind)
        return bool(own and (own.steps or own.within))

    def moments(self, kind: str, due_at: dt.datetime) -> list[tuple[dt.datetime, Step]]:
        """When each step of its ladder is told, in order."""
        steps = self.steps(kind)
        told = [(step.moment(due_at, self.zone, self.calendar), step) for step in steps]
        return sorted(told, key=lambda pair: pair[0])
