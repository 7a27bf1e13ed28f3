"""The product's own processes, as many as a campaign wants, to be broken."""

import inspect
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
from django.conf import settings
from django.core.management import call_command
from postgres import ROOT
from redis import Redis, RedisError

from campaigns.company import anything_waits, end_waiting
from coordination import processes
from coordination.supervisor import Child

PATIENCE = 60


class Site:
    """The processes by what they are. `hurry`: beat ticks every second, nobody waits for leases."""

    def __init__(self, *, folder, database, mail, ports, hurry):
        self.folder, self.database, self.mail = folder, database, mail
        self.ports, self.hurry = ports, hurry
        self.started = []
        self.ended_by_themselves: Counter[str] = Counter()
        self.quiet_since = time.monotonic()

    # Starting and ending

    def start_workers(self, count: int = 1) -> list:
        """Each with two children, and ready to work."""
        made = [processes.worker(self._common()) for _ in range(count)]
        for number, worker in enumerate(made, start=len(self.started)):
            worker.command += ["--hostname", f"worker{number}@%h"]
            self._start(worker)
        self.until(lambda: all(len(children_of(worker)) >= 2 for worker in made))
        return made

    def start_beats(self, count: int = 1) -> list:
        """As on so many machines: each keeps its schedule in a file of its own."""
        made = [processes.beat(self._common()) for _ in range(count)]
        running = sum(child.name == "beat" and child.process is not None for child in self.started)
        for number, beat in enumerate(made, start=running):
            beat.command += ["--schedule", str(self.schedule(number))]
            if self.hurry:
                beat.command[beat.command.index("coordination.celery")] = "campaigns.hurried"
            self._start(beat)
        return made

    def schedule(self, number: int) -> Path:
        """Where the beat of this number keeps when it did what."""
        return self.folder / f"schedule-{number}"

    def start_broker(self) -> None:
        """Remembers nothing when it is killed."""
        port = str(self.ports["broker"])
        command = [processes.broker_binary(), "--port", port, "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--daemonize", "no"]
        log = processes.LOGS / "broker.log"
        self.broker = Child("broker", command, log, grace=5, **self._common())
        self._start(self.broker)
        self.until(self.broker_answers)

    def broker_answers(self) -> bool:
        try:
            with Redis(port=self.ports["broker"]) as client:
                return client.ping()
        except RedisError:
            return False

    def start_web(self, *, shows_pages: bool = True) -> str:
        """gunicorn; returns the address of the site. Pages need static files, forms do not."""
        if shows_pages:
            call_command("collectstatic", verbosity=0, interactive=False)
        self.listener = socket.create_server(("127.0.0.1", self.ports["web"]), backlog=512)
        descriptor = self.listener.fileno()
        self._start(processes.web(self._common(), listening=descriptor, workers=2))
        return settings.SITE_URL

    def stop(self) -> None:
        for child in reversed(self.started):
            self.kill(child)

    def show_logs(self) -> None:
        """The end of what each process wrote, for whoever looks for the reason."""
        for log in sorted(processes.LOGS.glob("*.log")):
            print(f"-- {log.name}", *log.read_text().splitlines()[-5:], sep="\n", file=sys.stderr)

    def _start(self, child) -> None:
        child.start()
        self.started.append(child)

    def _common(self) -> dict:
        return {"environment": {**os.environ, "PYTHONUNBUFFERED": "1"}, "folder": ROOT}

    # Waiting

    def until(self, condition: Callable[[], object], *, within: float = PATIENCE) -> float:
        """Waits until something is so; returns how long it took, in seconds. TimeoutError after.

        Meanwhile what ended by itself is started again, as `manage.py up` does.
        """
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > within:
                raise TimeoutError(f"{inspect.getsource(condition).strip()} after {within} s")
            self._keep_running()
            time.sleep(0.02)
        return time.monotonic() - began

    def _keep_running(self) -> None:
        for child in self.started:
            if child.process and child.process.poll() is not None:
                self.ended_by_themselves[child.name] += 1
                child.kill()
                child.start()

    def wait_until_all_left(self, *, within: float) -> float:
        """Until nothing is due and no mail waits; returns how long that took, in seconds."""
        return self.until(lambda: self._hurry_on() or not anything_waits(), within=within)

    def _hurry_on(self) -> None:
        """Where we hurry, nobody waits for the lease of one who was killed, or to try again.

        Who holds a lease and lives, talks to the mail server.
        """
        if self.mail.talking:
            self.quiet_since = time.monotonic()
        elif self.hurry and time.monotonic() - self.quiet_since > 1:
            end_waiting()

    # Breaking

    def kill(self, child) -> None:
        """With all it has started; it stays away until it is started again."""
        if child.process:
            child.kill()
            child.process = None

    def end(self, child) -> None:
        """Asks it to end, and waits: beat writes down what it did."""
        child.stop(hurry=lambda: False)
        self.kill(child)

    def kill_a_sender(self) -> None:
        """kill -9 to a worker's child that talks to the mail server; to any, when none does."""
        workers = (child for child in self.started if child.name == "worker")
        children = [process for worker in workers for process in children_of(worker)]
        talking = [process for process in children if self._talks_to_mail(process)]
        for victim in (talking or children)[:1]:
            victim.send_signal(signal.SIGKILL)

    def _talks_to_mail(self, process: psutil.Process) -> bool:
        port = self.mail.server_address[1]
        try:
            found = process.net_connections("tcp")
        except psutil.Error:
            return False
        return any(c.raddr and c.raddr.port == port and c.status == "ESTABLISHED" for c in found)


def children_of(child) -> list[psutil.Process]:
    """The processes that one of ours has started."""
    try:
        return psutil.Process(child.process.pid).children() if child.process else []
    except psutil.NoSuchProcess:
        return []
