"""What must work for reminders to go out, and when administrators are told that it does not."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deadlines import health
from deadlines.models import Message, Run
from deadlines.pulse import Pulse, take_pulse
from deadlines.tests.conftest import DAY, DUE

State = Message.State
SECOND, MINUTE = dt.timedelta(seconds=1), dt.timedelta(minutes=1)
NOW = DUE


@pytest.mark.parametrize(
    ("silent_for", "state"),
    [
        (0 * SECOND, "ok"),
        (4 * MINUTE + 59 * SECOND, "ok"),
        (5 * MINUTE, "failing"),
        (5 * MINUTE + SECOND, "failing"),
        (3 * DAY, "failing"),
    ],
)
def test_beat_is_silent_after_five_minutes(silent_for, state):
    assert health.beat(Pulse(swept_at=NOW - silent_for), NOW).state == state
    assert health.beat(Pulse(), NOW, started=NOW - silent_for).state == state, "never swept yet"


def test_the_alarm_says_since_when_and_what_to_do():
    check = health.beat(Pulse(swept_at=NOW - 13 * MINUTE), NOW)
    assert "13 minutes" in check.words
    assert "start" in check.advice


@pytest.mark.parametrize(
    ("due", "attempts", "error", "state"),
    [
        (None, None, None, "ok"),
        (NOW, 0, "", "ok"),
        (NOW - 4 * MINUTE - 59 * SECOND, 0, "", "ok"),
        (NOW - 5 * MINUTE, 0, "", "degraded"),
        # The server was not reached: told at once.
        (NOW - SECOND, 0, "ConnectionRefusedError: refused", "degraded"),
        # One mail that was refused and is tried again is no trouble of the server's.
        (NOW - SECOND, 1, "SMTPDataError: (451, 'later')", "ok"),
        (NOW + 30 * MINUTE, 2, "SMTPDataError: (451, 'later')", "ok"),
    ],
)
def test_mails_that_do_not_leave(due, attempts, error, state):
    pulse = Pulse(swept_at=NOW, mail_due_at=due, mail_attempts=attempts, mail_error=error)
    check = health.mail(pulse, NOW)
    assert check.state == state
    assert (error or "") in check.words or state == "ok"


@pytest.mark.parametrize(("ago", "state"), [(6 * DAY, "degraded"), (8 * DAY, "ok")])
def test_failed_mails_are_news_for_a_week(ago, state):
    assert health.failed_mails(Pulse(failed_at=NOW - ago), NOW).state == state


def test_all_is_in_order():
    assert all(check.is_ok for check in health.checks(Pulse(swept_at=NOW), NOW))


def test_one_silence_is_one_line_in_the_log(caplog):
    watch = health.Watch()
    silent, awake = Pulse(swept_at=NOW - 6 * MINUTE), Pulse(swept_at=NOW)
    for _ in range(3):
        watch.look(silent, NOW)
    assert [(r.levelname, r.name) for r in caplog.records] == [("ERROR", "deadlines.health")]
    assert "No sweep since" in caplog.text
    watch.look(awake, NOW)
    watch.look(silent, NOW)
    assert len(caplog.records) == 2


def message(cast, **fields):
    return Message.objects.create(recipient=cast.sales_staff, **({"created_at": NOW} | fields))


def test_the_pulse_is_one_statement(cast):
    Run.objects.create(job="sweep", began_at=NOW)
    Run.objects.create(job="deliver", began_at=NOW, error="ValueError: x")
    message(cast, next_attempt_at=NOW + MINUTE, attempts=1, last_error="later")
    message(cast, next_attempt_at=NOW - MINUTE, last_error="refused")
    message(cast, state=State.FAILED, created_at=NOW - DAY)
    message(cast, state=State.SENT, sent_at=NOW)
    with CaptureQueriesContext(connection) as statements:
        pulse = take_pulse()
    assert len(statements) == 1
    assert pulse == Pulse(NOW, NOW - MINUTE, 0, "refused", NOW - DAY, True)


def test_without_any_sweep_nothing_is_known(cast):
    message(cast, state=State.FAILED)
    assert take_pulse() == Pulse()


@pytest.mark.once
def test_what_is_asked_all_the_time_is_answered_by_an_index(db):
    """Also among a million mails; SQLite reads all of them unless the index fits word for word."""
    waiting, failed = Message.objects.waiting(), Message.objects.failed()
    questions = {
        "message_to_deliver": [
            Message.objects.to_deliver(NOW)[:500],
            waiting.order_by("next_attempt_at")[:1],
            waiting.filter(state=State.SENDING, next_attempt_at__gt=NOW),
        ],
        "message_failed": [failed.order_by("-pk")[:1]],
        "message_cancelled": [Message.objects.filter(state=State.CANCELLED).order_by("-pk")[:51]],
        "message_sent_at": [Message.objects.filter(sent_at__gt=NOW)],
    }
    for index, querysets in questions.items():
        for queryset in querysets:
            assert f"USING INDEX {index}" in queryset.explain()
