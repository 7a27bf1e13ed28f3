"""Keeps the processes of one system running: starts, restarts and stops them; leaves no orphan.

Knows nothing of Django: `manage.py up` says which processes there are.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

PR_SET_PDEATHSIG = 1
# A child that lived this long was healthy: its next death starts the count anew.
HEALTHY_SECONDS = 30
QUICK_DEATHS = 6
LONGEST_PAUSE = 10
LARGEST_LOG = 10 * 1024 * 1024
TICK = 0.1
# A terminal and `timeout` may deliver one wish twice.
SAME_WISH_SECONDS = 1

# Loaded before any fork: between fork and exec nothing may take a lock.
libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process when its parent dies, however that happens.

    Linux only; elsewhere a parent killed with SIGKILL leaves its children behind.
    """
    if libc:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


class Failed(Exception):
    """The system cannot go on; the message is one line for the person who started it."""


@dataclass
class Child:
    """One supervised process with everything it starts: its own process group.

    `ready` waits until the others may rely on it; `before` runs before each start. `reachable`
    is asked all the time: what the others could reach and no longer can is started again.
    """

    name: str
    command: list[str]
    log: Path
    # How long it may finish what it is doing, in seconds.
    grace: float
    environment: Mapping[str, str]
    folder: Path
    before: Callable[[], None] = lambda: None
    ready: Callable[[], bool] = lambda: True
    reachable: Callable[[], bool] = lambda: True
    sockets: tuple[int, ...] = ()
    process: subprocess.Popen | None = None
    started_at: float = 0
    quick_deaths: int = 0
    start_at: float = field(default=0, init=False)
    was_reachable: bool = field(default=False, init=False)

    def start(self) -> None:
        try:
            self.before()
            with open_log(self.log) as log:
                self.process = self.spawn(log)
        except OSError as error:
            raise Failed(f"{self.name} cannot be started: {error}") from error
        self.started_at, self.was_reachable = time.monotonic(), False

    def spawn(self, log: BinaryIO) -> subprocess.Popen:
        parent = os.getpid()
        return subprocess.Popen(
            self.command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
            pass_fds=self.sockets,
            preexec_fn=lambda: die_with_parent(parent),
        )

    def died(self) -> bool:
        """Whether it ran and is of no more use; what it had started is gone as well then."""
        if self.process is None or (self.process.poll() is None and not self.lost()):
            return False
        self.kill()
        return True

    def lost(self) -> bool:
        """Whether the others could reach it the last time and no longer can."""
        before, self.was_reachable = self.was_reachable, self.reachable()
        return before and not self.was_reachable

    def plan_restart(self) -> float:
        """Sets when it starts again: the pause in seconds, longer with each quick death."""
        lived = time.monotonic() - self.started_at
        self.quick_deaths = 1 if lived >= HEALTHY_SECONDS else self.quick_deaths + 1
        pause = min(0.25 * 2 ** (self.quick_deaths - 1), LONGEST_PAUSE)
        self.process, self.start_at = None, time.monotonic() + pause
        return pause

    def stop(self, *, hurry: Callable[[], bool]) -> None:
        """Asks it to finish and waits; kills what is left after the grace, or in a hurry."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        while self.process.poll() is None and time.monotonic() < deadline and not hurry():
            time.sleep(TICK / 2)
        self.kill()

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # the whole group may be gone already
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """Runs children in the order given and stops them in `stop_order` when told to.

    `say` prints one line for the person at the terminal.
    """

    def __init__(self, children: list[Child], *, stop_order: list[str], say: Callable[[str], None]):
        self.children = children
        self.stop_order = stop_order
        self.say = say
        self.stops_asked = 0
        self.asked_at = 0.0

    def run(
        self, *, ready: Callable[[], bool], on_ready: Callable[[], None], patience: float
    ) -> None:
        """Until a signal says stop. `ready` says that the system answers, then `on_ready` runs.

        Raises Failed when a child keeps dying or nothing answers within `patience` seconds.
        """
        self.listen_to_signals()
        try:
            self.start_all(patience)
            self.wait_for(ready, patience, "The pages do not answer")
            if not self.stopping:
                on_ready()
            while not self.stopping:
                self.tick()
        finally:
            self.stop_all()

    @property
    def stopping(self) -> bool:
        return self.stops_asked > 0

    def listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.ask_to_stop)
        # nohup must go on meaning what it says.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self.ask_to_stop)

    def ask_to_stop(self, *_) -> None:
        if time.monotonic() - self.asked_at > SAME_WISH_SECONDS:
            self.stops_asked += 1
        self.asked_at = time.monotonic()

    def start_all(self, patience: float) -> None:
        for child in self.children:
            if not self.stopping:
                child.start()
                self.wait_for(child.ready, patience, f"{child.name} does not answer")

    def wait_for(self, condition: Callable[[], bool], patience: float, complaint: str) -> None:
        deadline = time.monotonic() + patience
        while not self.stopping and not condition():
            self.tick()
            if time.monotonic() > deadline:
                raise Failed(f"{complaint} after {patience:.0f} seconds; see {self.logs}.")

    @property
    def logs(self) -> Path:
        return self.children[0].log.parent

    def tick(self) -> None:
        time.sleep(TICK)
        for child in self.children:
            if child.died():
                self.bury(child)
            elif child.process is None and 0 < child.start_at <= time.monotonic():
                child.start()

    def bury(self, child: Child) -> None:
        how = ending(child.process.returncode)
        pause = child.plan_restart()
        if child.quick_deaths >= QUICK_DEATHS:
            raise Failed(f"{child.name} keeps ending ({how}); giving up. See {child.log}.")
        self.say(f"{child.name} ended ({how}); starting it again in {pause:g} s.")

    def stop_all(self) -> None:
        asked_before = self.stops_asked
        for child in sorted(self.children, key=lambda child: self.stop_order.index(child.name)):
            child.stop(hurry=lambda: self.stops_asked > max(asked_before, 1))


def ending(returncode: int) -> str:
    """How a process ended, in words: a signal's name or an exit code."""
    if returncode < 0:
        return signal.Signals(-returncode).name
    return f"exit code {returncode}"


def open_log(path: Path) -> BinaryIO:
    """The log, to append to; a large one first steps aside as `.1`."""
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")
