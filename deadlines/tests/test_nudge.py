"""A notice leaves at once; a dead broker neither refuses nor slows what a person saves."""

import threading
import time

import pytest
from celery import current_app

from audit import history
from deadlines import outbox
from deadlines.models import Notice
from deadlines.services import tell
from deadlines.sweep import sweep
from deadlines.tests.conftest import DUE


@pytest.fixture(autouse=True)
def _quiet():
    """No call of an earlier test is still under way."""
    settle_down()


@pytest.fixture
def calls(monkeypatch):
    """The names of the jobs that the broker was asked for."""
    names = []
    monkeypatch.setattr(current_app, "send_task", lambda name, **_: names.append(name))
    return names


def announce(cast, *people):
    event = history.record(cast.sales, "department.edited", by=cast.admin, now=DUE)
    tell(event=event, people=people, link="/", now=DUE)


def settle_down():
    """Waits until the call beside the request has ended."""
    for lock in list(outbox._under_way.values()):
        with lock:
            pass


def test_one_act_asks_for_delivery_once_after_its_commit(
    cast, calls, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        announce(cast, cast.sales_head, cast.sales_staff)
        announce(cast, cast.market_head)
        assert calls == []
    settle_down()
    assert len(callbacks) == 1
    assert calls == ["deadlines.jobs.deliver"]


def test_a_reminder_leaves_with_the_run_that_wrote_it(
    owe, calls, django_capture_on_commit_callbacks
):
    owe()
    with django_capture_on_commit_callbacks(execute=True):
        sweep(DUE)
        sweep(DUE)
    settle_down()
    assert calls == ["deadlines.jobs.deliver"]


def test_nobody_to_tell_asks_for_nothing(cast, calls, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        announce(cast, cast.admin, None)
    assert callbacks == []
    assert not Notice.objects.exists()


def test_a_dead_broker_costs_nothing_and_breaks_nothing(
    cast, django_capture_on_commit_callbacks, caplog
):
    """The real client, no broker at its socket: it takes 2 s to give up, beside the request."""
    began = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        announce(cast, cast.sales_head)
    assert time.monotonic() - began < 1
    settle_down()
    assert "The broker does not answer" in caplog.text


def test_while_the_broker_hangs_no_further_call_piles_up(monkeypatch):
    hanging, calls = threading.Event(), []
    monkeypatch.setattr(
        current_app, "send_task", lambda *_, **__: calls.append(1) or hanging.wait(5)
    )
    for _ in range(5):
        outbox.nudge()
    hanging.set()
    settle_down()
    assert calls == [1]
