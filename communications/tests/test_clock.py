"""The 24 hours of a log (R13, R15): exactly 24:00:00 is in time, later is late for ever."""

import datetime as dt

import pytest

from audit.models import Event
from communications.models import CommunicationState
from communications.policies import log_late_by
from communications.services import logs, scheduling
from communications.services.scheduling import EndsInFuture
from communications.tests.conftest import CONCLUSIONS, THREE, people
from conftest import at
from deadlines.models import Deadline

END = at("2024-10-05 15:00")
SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(hours=24)


def open_log(communication):
    return Deadline.objects.open().of(communication).get(kind="communication_log")


@pytest.mark.parametrize(
    ("after_the_end", "late"),
    [(DAY - SECOND, None), (DAY, None), (DAY + SECOND, SECOND), (2 * DAY, DAY)],
)
def test_late_begins_one_second_after_24_hours(scheduled, complete, after_the_end, late):
    assert log_late_by(END, END + after_the_end) == late
    complete(scheduled, now=END + after_the_end)
    scheduled.refresh_from_db()
    assert scheduled.late_by == late


def test_24_hours_are_natural_hours_when_clocks_change():
    before_new_york_falls_back = dt.datetime(2024, 11, 2, 15, 0, tzinfo=dt.UTC)
    assert log_late_by(before_new_york_falls_back, before_new_york_falls_back + DAY) is None


def test_the_deadline_of_a_scheduled_talk_is_known_ahead(scheduled, cast):
    deadline = open_log(scheduled)
    assert deadline.due_at == END + DAY
    assert deadline.owner == cast.market_head
    assert deadline.link == f"/communications/{scheduled.pk}/complete/"


def test_a_scheduled_talk_waits_for_its_log_from_its_end_on(scheduled, running):
    talks = running.communications
    assert not talks.to_log(END - SECOND).exists()
    assert scheduled.state_at(END - SECOND) == CommunicationState.SCHEDULED
    assert talks.to_log(END).get() == scheduled
    assert scheduled.state_at(END) == CommunicationState.TO_LOG


def test_overdue_and_logged_late_are_both_late(scheduled, running, complete):
    talks = running.communications
    assert not talks.late(END + DAY).exists()
    assert talks.late(END + DAY + SECOND).exists()
    complete(scheduled, now=END + DAY)
    assert not talks.late(END + 9 * DAY).exists()


def test_the_deadline_moves_with_the_talk(scheduled, cast):
    scheduling.edit_communication(
        communication=scheduled,
        by=cast.market_head,
        now=at("2024-10-02 09:00"),
        version=scheduled.version,
        starts_at=at("2024-10-08 14:00"),
        ends_at=at("2024-10-08 15:00"),
    )
    assert open_log(scheduled).due_at == at("2024-10-09 15:00")
    moved = Deadline.objects.of(scheduled).exclude(settled_at=None).get()
    assert moved.settled_how == Deadline.Settled.MOVED


def test_another_keeper_owes_the_log(scheduled, cast):
    from accounts.models import Contact

    Contact.objects.create(
        department=cast.market, user=cast.market_staff, named_at=at("2024-09-01 09:00")
    )
    scheduling.edit_communication(
        communication=scheduled,
        by=cast.market_head,
        now=at("2024-10-02 09:00"),
        version=scheduled.version,
        keeper=cast.market_staff,
    )
    assert open_log(scheduled).owner == cast.market_staff


def test_a_cancelled_talk_owes_no_log(scheduled, cast):
    scheduling.cancel_communication(
        communication=scheduled, by=cast.market_head, now=at("2024-10-04 09:00"), reason="改期"
    )
    assert not Deadline.objects.open().of(scheduled).exists()
    assert Deadline.objects.of(scheduled).get().settled_how == Deadline.Settled.CANCELLED
    assert Event.objects.about(scheduled)[0].reason == "改期"


def test_any_participant_starts_the_clock_of_an_unscheduled_talk(stub, cast):
    assert stub.state == CommunicationState.TO_LOG
    assert stub.ends_at == at("2024-10-18 10:30")
    assert stub.keeper == cast.market_head
    deadline = open_log(stub)
    assert (deadline.owner, deadline.due_at) == (cast.market_head, at("2024-10-19 10:30"))
    assert [str(p) for p in stub.participants.all()] == ["销售部 专员C", "市场部 专员H"]


def test_a_talk_that_has_not_ended_cannot_be_entered_as_held(running, cast):
    with pytest.raises(EndsInFuture):
        scheduling.we_talked(
            task=running,
            by=cast.sales_staff,
            now=at("2024-10-18 10:30"),
            ended_at=at("2024-10-18 10:31"),
        )


def test_a_time_that_has_passed_cannot_be_scheduled(running, cast):
    with pytest.raises(scheduling.AlreadyOver):
        scheduling.schedule_communication(
            task=running,
            by=cast.market_head,
            now=END,
            topic="启动会",
            starts_at=END - DAY,
            ends_at=END,
        )


def test_no_log_before_the_end(scheduled, complete):
    with pytest.raises(EndsInFuture):
        complete(scheduled, now=END - SECOND)
    complete(scheduled, now=END)


def test_a_talk_that_ended_early_is_logged_with_its_real_end(scheduled, complete):
    complete(scheduled, now=at("2024-10-05 14:40"), ends_at=at("2024-10-05 14:30"))
    changes = Event.objects.about(scheduled)[0].changes
    assert changes["ends_at"] == [
        "2024-10-05T07:00:00+00:00",
        "2024-10-05T14:30:00+08:00",
    ]


@pytest.mark.parametrize(
    ("corrected_by", "late"),
    [
        (DAY / 2, dt.timedelta(hours=2)),  # a later end, told only now, stops no clock
        (-DAY / 24, dt.timedelta(hours=3)),  # an earlier one started it earlier
    ],
)
def test_lateness_counts_from_the_earlier_end(scheduled, complete, corrected_by, late):
    complete(
        scheduled,
        now=END + DAY + dt.timedelta(hours=2),
        starts_at=END - DAY,
        ends_at=END + corrected_by,
    )
    scheduled.refresh_from_db()
    assert scheduled.late_by == late


def test_the_late_mark_survives_every_correction(scheduled, complete, cast):
    recorded_at = END + DAY + dt.timedelta(hours=3, minutes=20)
    complete(scheduled, now=recorded_at)
    logs.correct_log(
        communication=scheduled,
        by=cast.market_head,
        now=recorded_at + DAY,
        version=scheduled.version,
        reason="时间写错",
        conclusions=CONCLUSIONS + "。",
        participants=people(("市场部", "经理D")),
        starts_at=END + dt.timedelta(hours=4),
        ends_at=END + dt.timedelta(hours=5),
    )
    scheduled.refresh_from_db()
    assert scheduled.late_by == dt.timedelta(hours=3, minutes=20)
    assert scheduled.recorded_at == recorded_at
    assert scheduled.recorder == cast.market_head
    event = Event.objects.about(scheduled)[0]
    assert (event.action, event.reason) == ("communication.corrected", "时间写错")
    assert event.changes["participants"] == [
        [f"{p['department_name']} {p['name']}" for p in THREE],
        ["市场部 经理D"],
    ]


def test_completing_settles_the_log(scheduled, complete):
    complete(scheduled)
    deadline = Deadline.objects.of(scheduled).get()
    assert deadline.settled_how == Deadline.Settled.DONE
