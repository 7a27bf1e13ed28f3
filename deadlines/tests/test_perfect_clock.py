"""Whatever the clock, the machines and administrators do, people are told what a perfect clock
tells them, each once, and of one run in one mail (R30).
"""

import dataclasses
import datetime as dt
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import Absence
from conftest import SHANGHAI
from deadlines import kinds, recount
from deadlines import sweep as sweeping
from deadlines.ladders.services import set_ladder
from deadlines.line import Line
from deadlines.models import Ladder, Message, Reminder, Role
from deadlines.policies import Step
from deadlines.sweep import sweep
from deadlines.terms import Terms
from deadlines.tests.conftest import DAY, DUE

OPENED = DUE - 30 * DAY
PEOPLE = ["sales_staff", "sales_head", "research_contact", "market_staff", "director"]
STAND_INS = ["sales_head", "service_head", "outsider"]


class Crash(Exception):
    pass


# What happens ------------------------------------------------------------------------------------

roles = st.lists(st.sampled_from(["contact", "head", "senior"]), unique=True).map(
    lambda others: ("owner", *others)
)
times = st.none() | st.times().map(lambda time: time.replace(second=0, microsecond=0))
steps = (
    st.builds(Step, st.integers(-600, 600), st.just("m"), roles=roles)
    | st.builds(Step, st.integers(-72, 72), st.just("h"), roles=roles)
    | st.builds(Step, st.integers(-5, 5), st.sampled_from("dw"), times, roles)
)
ladders = st.lists(steps, min_size=1, max_size=4, unique_by=lambda step: step.code)
duties = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.integers(-3 * 24 * 60, 3 * 24 * 60)),
    min_size=1,
    max_size=4,
)
absences = st.dictionaries(
    st.sampled_from(PEOPLE[:1] + PEOPLE[2:]),
    st.tuples(st.sampled_from(STAND_INS), st.integers(-9, 3), st.integers(0, 18)),
    max_size=2,
)
clock = st.integers(-10 * 24 * 60, 10 * 24 * 60)
"""What it shows, in minutes from DUE: in any order, with gaps, forward and back."""
events = st.lists(
    st.tuples(st.sampled_from(["run", "run", "die"]), clock)
    | st.tuples(st.just("settle"), clock, st.integers(0, 3))
    | st.tuples(st.just("edit"), clock, ladders),
    min_size=1,
    max_size=10,
)


# What a perfect clock tells ----------------------------------------------------------------------


@dataclass
class PerfectClock:
    """Never stops and never dies: tells each step of the ladder that holds when its moment comes.

    A ladder holds for the moments after it was set, until the next one is.
    """

    deadlines: list
    since: dt.datetime = OPENED
    reached: dt.datetime = OPENED
    told: set = field(default_factory=set)

    def run(self, now):
        self.reached = max(self.reached, now)
        terms = Terms.current(now)
        line = Line(self.deadlines, terms.today)
        self.told |= {
            (deadline.pk, step.code, person.pk)
            for deadline in self.deadlines
            for moment, step in terms.moments("test", deadline.due_at)
            if self.since < moment <= self.reached
            for person in line.told(deadline, step.roles)
        }

    def ladder_is_set(self, now):
        self.since = self.reached = now


@dataclass
class World:
    """The real rows, with the perfect clock beside them."""

    kind: object
    admin: object
    deadlines: list
    settles: object
    monkeypatch: object
    perfect: PerfectClock = None
    settled: dict = field(default_factory=dict)

    def __post_init__(self):
        self.perfect = PerfectClock(self.deadlines)

    def run(self, now):
        """A recount if one was asked for, then a sweep; each person gets one mail at most."""
        newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if recount.is_asked_for():
            recount.reconcile(now)
        sweep(now)
        mails = Counter(Message.objects.filter(pk__gt=newest).values_list("recipient", flat=True))
        assert set(mails.values()) <= {1}
        self.perfect.run(now)

    def die(self, now):
        """Killed after its writes, before its commit."""
        with self.monkeypatch.context() as patch:
            patch.setattr(sweeping, "_record", _die)
            with suppress(Crash):
                sweep(now)

    def settle(self, now, number):
        deadline = self.deadlines[number % len(self.deadlines)]
        if deadline.pk not in self.settled:
            self.settles(deadline, now)
            self.settled[deadline.pk] = told_of([deadline.pk])

    def edit(self, now, steps):
        """What had come by then has been told; then everything may stand still."""
        self.run(now)
        row = Ladder.objects.filter(kind="test").first()
        version = row.version if row else 0
        row = set_ladder(kind=self.kind, by=self.admin, now=now, version=version, steps=steps)
        if row.version != version:  # The same ladder once more: it has held all the time.
            self.perfect.ladder_is_set(now)


def _die(*_):
    raise Crash


def told_of(deadlines):
    """Everything told of these, copies to stand-ins included."""
    rows = Reminder.objects.filter(deadline__in=deadlines)
    return set(rows.values_list("deadline", "step", "recipient"))


def copies_of(deadlines):
    """Who must have a copy: the stand-in of everybody told on a day of their absence."""
    rows = Reminder.objects.filter(deadline__in=deadlines).exclude(role=Role.STAND_IN)
    return {
        (row.deadline_id, row.step, absence.stand_in_id)
        for absence in Absence.objects.all()
        for row in rows.filter(recipient=absence.person)
        if absence.starts_on <= row.created_at.astimezone(SHANGHAI).date() <= absence.ends_on
    }


def moment(minutes):
    return DUE + dt.timedelta(minutes=minutes)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ladder=ladders, duties=duties, absences=absences, events=events)
@example(  # everything stands still while a new ladder's first step comes
    ladder=[Step.parse("+3d", "owner")],
    duties=[("sales_staff", 0)],
    absences={},
    events=[("edit", 0, [Step.parse("+1h", "owner"), Step.parse("+4d", "owner")]), ("run", 6000)],
)
@example(  # the clock is set back, and the step that was told is on the new ladder too
    ladder=[Step.parse("+1h", "owner")],
    duties=[("sales_staff", 0)],
    absences={},
    events=[
        ("run", 180),
        ("edit", 0, [Step.parse("+1h", "owner"), Step.parse("+2h", "owner")]),
        ("run", 180),
    ],
)
@example(  # the clock is set back, and the ladder is saved as it is
    ladder=[Step.parse("0m", "owner")],
    duties=[("sales_staff", 0)],
    absences={},
    events=[
        ("edit", 120, [Step.parse("+2h", "owner", "head")]),
        ("edit", 0, [Step.parse("+2h", "owner", "head")]),
        ("run", 120),
    ],
)
@example(  # somebody is away all the time
    ladder=[Step.parse("0m", "owner", "head")],
    duties=[("sales_staff", 0), ("sales_head", 60)],
    absences={"sales_staff": ("service_head", -9, 18)},
    events=[("die", 10), ("run", 90)],
)
def test_people_are_told_what_a_perfect_clock_tells(
    ladder, duties, absences, events, cast, kind, debts, owe, settle, monkeypatch
):
    """For several duties and people, any ladder, absences, runs in any order of the clock, with
    gaps, jumps and deaths, settlements and new ladders in between.
    """
    debts.clear()
    own = dataclasses.replace(kind, ladder=tuple(ladder))
    monkeypatch.setitem(kinds._kinds, "test", own)
    monkeypatch.setattr(sweeping, "BATCH", 2)
    with transaction.atomic():
        for person, (stand_in, first, days) in absences.items():
            starts_on = DUE.date() + first * DAY
            people = {"person": getattr(cast, person), "stand_in": getattr(cast, stand_in)}
            Absence.objects.create(starts_on=starts_on, ends_on=starts_on + days * DAY, **people)
        deadlines = [
            owe(getattr(cast, person), due_at=moment(minutes), opened_at=OPENED)
            for person, minutes in duties
        ]
        world = World(own, cast.admin, deadlines, settle, monkeypatch)
        for act, minutes, *more in events:
            getattr(world, act)(moment(minutes), *more)
        check(world)
        transaction.set_rollback(True)


def check(world):
    kept = [d.pk for d in world.deadlines if d.pk not in world.settled]
    of_kept = {told for told in world.perfect.told if told[0] in kept}
    assert told_of(kept) == of_kept | copies_of(kept)
    for pk, told in world.settled.items():
        assert told_of([pk]) == told, "nothing after it was settled"
        assert told <= world.perfect.told | copies_of([pk])
