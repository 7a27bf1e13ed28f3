"""`manage.py up` starts a whole system and leaves nothing of it behind."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, suppress

import psutil
import pytest
from django.conf import settings

from coordination import supervisor
from coordination.env import broker_socket
from coordination.supervisor import Child, Failed, Supervisor

pytestmark = [pytest.mark.once, pytest.mark.long]

OURS = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "HTTPS", "SITE_URL")
PATIENCE = 60


@pytest.fixture
def up(tmp_path):
    """`up("--no-demo")` starts a system with its data in tmp_path; all of them end here."""
    started = []

    def _up(*arguments, **variables):
        others = {name: value for name, value in os.environ.items() if name not in OURS}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", *arguments],
            cwd=settings.BASE_DIR,
            env=others | {"DATA_DIR": str(tmp_path)} | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield _up
    for process in started:
        process.kill()
        process.communicate()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def read_until(process, last):
    """What it printed up to the line that starts with `last`."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(last):
            return "".join(lines)
    raise AssertionError("".join(lines) + process.stderr.read())


def family(process):
    return psutil.Process(process.pid).children(recursive=True)


def find(process, *words):
    """The child of the supervisor with these words in its command line; None if none has."""
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess):  # it may end, or be waiting for its burial
            if set(words) <= {child.name(), *child.cmdline()}:
                return child
    return None


def answer(port):
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=PATIENCE)
    return page.status


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_starts_once_repairs_itself_and_ends_when_told(up, tmp_path):
    port = free_port()
    system = up("--port", port, "--no-demo")
    told = read_until(system, "Stop:")
    assert f"Ready: http://127.0.0.1:{port}" in told
    assert "create_administrator admin" in told
    assert answer(port) == 200

    second = up("--port", free_port())
    assert second.wait(PATIENCE) == 1
    assert second.stderr.read().splitlines() == [
        f"Already running with the data in {tmp_path}: "
        f"http://127.0.0.1:{port}, process {system.pid}."
    ]

    elsewhere = up("--port", port, DATA_DIR=str(tmp_path / "elsewhere"))
    assert elsewhere.wait(PATIENCE) == 1
    assert elsewhere.stderr.read().splitlines() == [
        f"Port {port} on 127.0.0.1 is in use; choose another with --port."
    ]

    for words in (["valkey-server"], ["gunicorn"], ["celery", "worker"], ["celery", "beat"]):
        victim = find(system, *words)
        victim.kill()
        wait_for(lambda old=victim, new=words: find(system, *new) not in (None, old))
    assert answer(port) == 200

    socket_file, broker = broker_socket(tmp_path), find(system, "valkey-server")
    wait_for(socket_file.exists)
    socket_file.unlink()
    wait_for(lambda: find(system, "valkey-server") not in (None, broker))
    wait_for(socket_file.exists)

    everyone = family(system)
    system.send_signal(signal.SIGTERM)
    assert system.wait(PATIENCE) == 0
    assert psutil.wait_procs(everyone, timeout=0)[1] == []
    with pytest.raises(OSError):
        answer(port)


def test_killed_at_once_it_leaves_no_process_and_keeps_the_data(up, tmp_path):
    port = free_port()
    system = up("--port", port)
    told = read_until(system, "Stop:")
    everyone = family(system)
    system.kill()
    assert psutil.wait_procs(everyone, timeout=5)[1] == []

    with closing(sqlite3.connect(tmp_path / "database.sqlite3")) as data, data:
        data.execute("DELETE FROM deadlines_calendaryear WHERE year = 2026")

    again = up("--port", port)
    told_again = read_until(again, "Stop:")
    assert "Loading the demo" in told
    assert "Loading the demo" not in told_again
    assert told.partition("Ready")[2] == told_again.partition("Ready")[2]
    again.send_signal(signal.SIGINT)
    assert again.wait(PATIENCE) == 0
    # As an upgrade to a package that knows another year and brings no migration.
    with closing(sqlite3.connect(tmp_path / "database.sqlite3")) as data:
        years = data.execute("SELECT year FROM deadlines_calendaryear").fetchall()
    assert (2026,) in years


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"DATA_DIR": "/dev/null/data"}, "DATA_DIR /dev/null/data cannot be used"),
        ({"DATABASE_URL": "postgres://db.invalid/x"}, "SECRET_KEY must be set"),
        ({"DATABASE_URL": "postgres://h/x", "SECRET_KEY": "x"}, "The database x cannot be used"),
        ({"DATABASE_URL": "mysql://h/x", "SECRET_KEY": "x"}, "DATABASE_URL must name a PostgreSQL"),
    ],
)
def test_what_hinders_the_start_is_one_line(up, variables, complaint):
    system = up("--port", free_port(), **variables)
    assert system.wait(PATIENCE) == 1
    told = system.stderr.read().splitlines()
    assert len(told) == 1
    assert told[0].startswith(complaint)


def test_gives_up_on_a_process_that_keeps_ending(monkeypatch, tmp_path):
    monkeypatch.setattr(supervisor, "QUICK_DEATHS", 2)
    said = []
    child = Child(
        name="worker",
        command=[sys.executable, "-c", "raise SystemExit(3)"],
        log=tmp_path / "worker.log",
        grace=1,
        environment=os.environ,
        folder=tmp_path,
    )
    system = Supervisor([child], stop_order=["worker"], say=said.append)
    system.start_all(PATIENCE)
    with pytest.raises(Failed, match="worker keeps ending \\(exit code 3\\); giving up"):
        system.wait_for(lambda: False, PATIENCE, "")
    assert said == ["worker ended (exit code 3); starting it again in 0.25 s."]
