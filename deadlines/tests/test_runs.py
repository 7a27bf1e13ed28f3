"""Each job leaves one row that says how its last run went; remembering never breaks a job."""

import datetime as dt

import pytest
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from deadlines import runs
from deadlines.models import Run
from deadlines.runs import recorded

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def counts():
    return {"deadlines": 5, "reminders": 3}


def remembered(job="sweep"):
    return Run.objects.get(job=job)


def test_beginning_end_and_counts_are_remembered():
    before = timezone.now()
    assert recorded("sweep")(counts)() == counts()
    run = remembered()
    assert before <= run.began_at <= run.ended_at <= timezone.now()
    assert (run.result, run.error) == (counts(), "")


def test_a_job_has_one_row_however_often_it_runs():
    for _ in range(3):
        recorded("sweep")(counts)()
    recorded("deliver")(counts)()
    assert sorted(Run.objects.values_list("job", flat=True)) == ["deliver", "sweep"]


def test_an_error_is_remembered_with_its_words_and_raised():
    recorded("sweep")(counts)()

    def broken():
        raise ValueError("no such kind\0")

    with pytest.raises(ValueError, match="no such kind"):
        recorded("sweep")(broken)()
    run = remembered()
    assert run.error == "ValueError: no such kind"
    assert run.ended_at
    assert run.result == counts(), "what the run before brought"
    recorded("sweep")(counts)()
    assert remembered().error == ""


class Killed(BaseException):
    """The process ends: nothing is cleaned up."""


def test_a_killed_run_has_no_end():
    recorded("sweep")(counts)()

    def killed():
        raise Killed

    with pytest.raises(Killed):
        recorded("sweep")(killed)()
    assert remembered().ended_at is None


def test_of_two_at_once_the_one_that_began_last_is_remembered():
    def inside():
        recorded("sweep")(lambda: {"reminders": 2})()
        return {"reminders": 1}

    assert recorded("sweep")(inside)() == {"reminders": 1}
    assert remembered().result == {"reminders": 2}
    assert remembered().ended_at


def test_a_run_from_a_clock_that_was_wrong_is_overwritten():
    """Otherwise nothing would be remembered until the clock has caught up."""
    Run.objects.create(job="sweep", began_at=timezone.now() + 60 * MINUTE)
    recorded("sweep")(counts)()
    assert remembered().began_at <= timezone.now()


def test_a_question_that_waits_for_the_job_is_kept():
    Run.objects.create(job="reconcile", began_at=timezone.now() - MINUTE, asked_at=timezone.now())
    recorded("reconcile")(counts)()
    assert remembered("reconcile").asked_at


@pytest.mark.parametrize("part", ["_begin", "_end"])
def test_what_cannot_be_remembered_breaks_no_job(part, monkeypatch, caplog):
    def locked(*args, **kwargs):
        raise OperationalError("database is locked")

    monkeypatch.setattr(runs, part, locked)
    assert recorded("sweep")(counts)() == counts()
    assert "The run of sweep is not remembered: database is locked" in caplog.text


def test_a_dead_database_is_not_hidden(monkeypatch):
    """It is the job's own question that fails, and is seen to fail."""

    def away(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr(runs, "_begin", away)
    monkeypatch.setattr(runs, "_end", away)
    with pytest.raises(DatabaseError, match="connection refused"):
        recorded("sweep")(away)()
