"""Without a worker: the same sweep and delivery by hand, and what they would do."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from deadlines import jobs
from deadlines.models import Message, Reminder
from deadlines.tests.conftest import DAY


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


@pytest.fixture
def due_now(owe):
    now = timezone.now()
    return owe(due_at=now, opened_at=now - 2 * DAY)


def test_dry_runs_say_what_would_be_sent_to_whom_and_why_and_write_nothing(due_now):
    told = run("reminders", "--dry-run")
    assert "专员C <专员C@example.com>" in told
    assert "Hand over the poster 0m | 宣传海报 | due" in told
    assert "as owner; owed by 专员C" in told
    assert not Reminder.objects.exists()
    run("reminders")
    assert "专员C <专员C@example.com>" in run("deliver", "--dry-run")
    assert mail.outbox == []


def test_the_future_can_be_asked_but_not_sent(owe):
    owe()
    told = run("reminders", "--dry-run", "--at", "2024-10-15T19:00+08:00")
    assert "Hand over the poster +1h" in told
    assert "due 2024-10-15 18:00 +0800: 24 hours after" in told
    assert "0 reminders" in run("reminders", "--dry-run", "--at", "2024-10-13T19:00+08:00")
    with pytest.raises(CommandError):
        run("reminders", "--at", "2024-10-15T19:00+08:00")
    with pytest.raises(CommandError):
        run("reminders", "--dry-run", "--at", "tomorrow")


def test_sweep_and_deliver_send_what_is_due_once(due_now):
    for _ in range(2):
        run("reminders")
        run("deliver")
    assert len(mail.outbox) == 1


def test_the_jobs_of_the_worker_do_the_same_and_count(due_now):
    assert jobs.sweep() == {"deadlines": 1, "reminders": 2}
    assert jobs.deliver() == {"sent": 1, "cancelled": 0, "postponed": 0, "failed": 0}
    assert Message.objects.get().state == Message.State.SENT
