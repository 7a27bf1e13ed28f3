"""Brings the data up to date, then runs web, worker, beat and broker until told to stop."""

import errno
import fcntl
import hashlib
import http.client
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import BaseCommand, call_command
from django.db import Error as DatabaseError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from coordination.processes import LOGS, STOP_ORDER, children
from coordination.supervisor import Failed, Supervisor
from deadlines.calendar.official import seed_known_years

# A cold machine imports everything for the first time.
PATIENCE = 60


class Command(BaseCommand):
    help = "Runs the whole system: web, worker, beat and, unless REDIS_URL is set, the broker."
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2, help="web processes")
        parser.add_argument("--no-demo", action="store_false", dest="demo", help="start empty")

    def handle(self, *, host, port, workers, demo, **options):
        # A shell that starts this in the background has SIGINT ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            self.run(host, port, workers=workers, demo=demo)
        except Failed as error:
            sys.exit(str(error))
        except KeyboardInterrupt:
            sys.exit(130)

    def run(self, host: str, port: int, *, workers: int, demo: bool) -> None:
        address = url(host, port)
        make_folders()
        with only_one(address), listening_socket(host, port) as listener:
            self.prepare(demo=demo)
            system = Supervisor(
                children(listening=listener.fileno(), workers=workers, site_url=address),
                stop_order=STOP_ORDER,
                say=self.say,
            )
            system.run(
                ready=lambda: pages_answer(listener),
                on_ready=lambda: self.announce(host, address),
                patience=PATIENCE,
            )

    def prepare(self, *, demo: bool) -> None:
        """Database, calendar, static files and, into an empty database, the demo."""
        with direct_connection():
            if unapplied_migrations():
                self.say("Preparing the database …")
                call_command("migrate", interactive=False, verbosity=0)
            seed_known_years(now=timezone.now())
            collect_static()
            if wants_demo(asked=demo):
                self.say("Loading the demo …")
                call_command("load_demo", verbosity=0)

    def announce(self, host: str, address: str) -> None:
        lines = [f"Ready: {address}", "", *accounts(), f"Data: {settings.DATA_DIR}"]
        if not host.startswith("127.") and host not in ("localhost", "::1"):
            lines += [f"Open to: {', '.join(settings.ALLOWED_HOSTS)} (ALLOWED_HOSTS)"]
        self.say("\n".join([*lines, f"Logs: {LOGS}", "Stop: Ctrl-C"]))

    def say(self, line: str) -> None:
        # Whoever reads along may leave; the system stays.
        with suppress(BrokenPipeError):
            self.stdout.write(line)
            self.stdout.flush()


def url(host: str, port: int) -> str:
    """Where a browser on this machine finds it."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104
    return f"http://[{name}]:{port}" if ":" in name and "[" not in name else f"http://{name}:{port}"


def make_folders() -> None:
    try:
        LOGS.mkdir(mode=0o700, exist_ok=True)
        (settings.DATA_DIR / "writable").touch()
        (settings.DATA_DIR / "writable").unlink()
    except OSError as error:
        raise Failed(f"DATA_DIR {settings.DATA_DIR} cannot be used: {error.strerror}") from error


@contextmanager
def only_one(address: str) -> Iterator[None]:
    """Holds the data folder for this process; the kernel lets go of it when the process ends."""
    with (settings.DATA_DIR / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            message = f"Already running with the data in {settings.DATA_DIR}: {lock.read()}."
            raise Failed(message) from error
        lock.truncate(0)
        lock.write(f"{address}, process {os.getpid()}")
        lock.flush()
        yield


@contextmanager
def listening_socket(host: str, port: int) -> Iterator[socket.socket]:
    if not 1 <= port <= 65535:
        raise Failed(f"{port} is no port; choose one from 1 to 65535.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, *_, address = found[0]
        listener = socket.create_server(address[:2], family=family, backlog=512)
    except OSError as error:
        raise Failed(why_not_listening(host, port, error)) from error
    with listener:
        yield listener


def why_not_listening(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; choose another with --port."
    reason = str(error.strerror).partition(" (")[0]
    return f"Cannot listen on {host} port {port}: {reason}."


@contextmanager
def direct_connection() -> Iterator[None]:
    """One connection without a pool, whose threads must not live in the supervisor.

    Raises Failed when the database does not answer.
    """
    options = connection.settings_dict.setdefault("OPTIONS", {})
    if options.pop("pool", None):
        options.setdefault("connect_timeout", 5)
    try:
        connection.ensure_connection()
        yield
    except DatabaseError as error:
        name = connection.settings_dict["NAME"]
        reason = str(error).strip().partition("\n")[0]
        raise Failed(f"The database {name} cannot be used: {reason}") from error
    finally:
        connections.close_all()


def unapplied_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static() -> None:
    """Collects and compresses the static files if any of them changed since the last time."""
    stamp = settings.DATA_DIR / "static.stamp"
    current = static_fingerprint()
    collected = Path(settings.STATIC_ROOT).is_dir() and stamp.exists()
    if collected and stamp.read_text() == current:
        return
    stamp.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(current)


def static_fingerprint() -> str:
    """Changes when a static file is added, removed or written."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def pages_answer(listener: socket.socket) -> bool:
    """Whether a page comes back without a server error."""
    host, port = listener.getsockname()[:2]
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    allowed = next((host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"), name)
    page = http.client.HTTPConnection(name, port, timeout=1)
    try:
        page.request("GET", "/", headers={"Host": allowed})
        return page.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        page.close()


def wants_demo(*, asked: bool) -> bool:
    """Into an empty database of the embedded mode only: everybody knows the demo's passwords."""
    return asked and settings.EMBEDDED and not get_user_model().objects.exists()


def accounts() -> list[str]:
    """The demo's accounts that exist, or how to make the first one; nothing in between."""
    with direct_connection():
        people = set(get_user_model().objects.values_list("username", flat=True)[:1000])
    if not people:
        return ["No account yet. Make the first administrator:", f"  {administrator_command()}", ""]
    from coordination.demo import ACCOUNTS

    demo = [account for account in ACCOUNTS if account[0] in people]
    return [f"  {name:<12} {password:<20} {who}" for name, password, who in demo] + [""] * bool(
        demo
    )


def administrator_command() -> str:
    """What to type in a shell, for the data in use."""
    data = os.environ.get("DATA_DIR")
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "create_administrator",
        "admin",
    ]
    return shlex.join(["env", f"DATA_DIR={data}", *command] if data else command)
