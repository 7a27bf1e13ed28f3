"""/healthz: what a load balancer is told, within a second, whatever is away."""

import copy
import datetime as dt
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from coordination.processes import broker_binary
from deadlines import health, probe
from deadlines.models import Message, Run

# The answer comes over a connection of its own, which sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def swept():
    """The last sweep began so many minutes ago: `swept(6)`; at first just now."""
    health.watch.told = False

    def _swept(minutes):
        began = timezone.now() - dt.timedelta(minutes=minutes)
        Run.objects.update_or_create(job="sweep", defaults={"began_at": began})

    _swept(0)
    return _swept


@pytest.fixture
def broker(settings):
    """The bundled broker, running."""
    with tempfile.TemporaryDirectory() as folder:
        settings.BROKER_SOCKET = Path(folder) / "broker.sock"
        where = ["--unixsocket", str(settings.BROKER_SOCKET), "--dir", folder]
        command = [broker_binary(), "--port", "0", "--save", "", *where]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while not settings.BROKER_SOCKET.exists() and time.monotonic() < until:
            time.sleep(0.01)
        yield
        server.kill()
        server.wait()


def ask(**more):
    began = time.monotonic()
    answer = Client(raise_request_exception=False).get("/healthz", **more)
    assert time.monotonic() - began < 1
    return answer


def test_all_is_well(broker):
    answer = ask()
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "broker": "ok", "beat": "ok", "mail": "ok"},
    }


def test_anybody_may_ask_and_nothing_is_kept():
    answer = ask()
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert "Content-Security-Policy" in answer


def test_it_is_asked_by_http_where_pages_are_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    assert ask().status_code == 200
    assert Client().get("/").status_code == 301


def test_head_and_nothing_else():
    answer = Client().head("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")
    assert Client().post("/healthz").status_code == 405


def test_only_under_our_own_names():
    assert ask(headers={"host": "evil.example"}).status_code == 400


def test_beat_that_is_silent(swept, caplog):
    swept(6)
    for _ in range(3):
        answer = ask()
        assert answer.status_code == 503
        assert answer.json()["status"] == "failing"
        assert answer.json()["checks"]["beat"] == "failing"
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1, "once per silence, however often it is asked"
    swept(0)
    assert ask().status_code == 200


def elsewhere(alias):
    """A connection to a database that is not there."""
    made = type(connections[alias])(copy.deepcopy(connections[alias].settings_dict), alias)
    made.settings_dict |= {"NAME": "/nowhere/database", "HOST": "/nowhere"}
    return made


def test_a_dead_database(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(connections, "create_connection", elsewhere)
    with django_assert_num_queries(0):
        answer = ask()
    assert answer.status_code == 503
    checks = answer.json()["checks"]
    assert (checks["database"], checks["beat"], checks["mail"]) == ("failing", "unknown", "unknown")
    assert b"nowhere" not in answer.content


def test_a_database_that_hangs_costs_one_thread_however_often_it_is_asked(monkeypatch):
    hangs, asked = threading.Event(), []
    monkeypatch.setattr(probe.database, "question", lambda: asked.append(1) or hangs.wait(30))
    answers = [ask() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 503]
    assert asked == [1]
    monkeypatch.undo()
    hangs.set()
    while probe.database._asked:
        time.sleep(0.01)
    assert ask().status_code == 200, "back as soon as the database is"


def test_a_dead_broker_is_told_and_pages_go_on():
    answer = ask()
    assert answer.status_code == 200
    assert answer.json()["checks"]["broker"] == "degraded"


def test_a_broker_that_hangs(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0"
        answer = ask()
    assert answer.status_code == 200
    assert answer.json()["checks"]["broker"] == "degraded"
    assert b"secret" not in answer.content


def test_a_mail_server_that_is_away(cast):
    Message.objects.create(
        recipient=cast.sales_staff,
        created_at=timezone.now(),
        next_attempt_at=timezone.now(),
        last_error="ConnectionRefusedError: [Errno 111] mail.example.com",
    )
    answer = ask()
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["checks"]["mail"] == "degraded"
    assert b"example.com" not in answer.content
