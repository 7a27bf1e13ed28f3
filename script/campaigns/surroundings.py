"""What a site needs around it, made for one campaign: database, mail server, ports, settings."""

import os
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from postgres import ROOT, Server, running_server

sys.path.insert(0, str(ROOT))

from deadlines.tests.mail_server import running_mail_server

# What is committed stays when the server is killed; a power cut is another matter.
POSTGRES = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=200"]


@contextmanager
def running_site(*, sqlite: bool, hurry: bool) -> Iterator:
    """A Site with an empty database, of which only the broker runs, and Django set up for it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-")))
        database = None if sqlite else stack.enter_context(running_server(POSTGRES))
        mail = stack.enter_context(running_mail_server())
        ports = {name: free_port() for name in ("broker", "web")}
        set_environment(folder, database, ports | {"mail": mail.server_address[1]})
        set_up_django()

        from campaigns.site import Site

        site = Site(folder=folder, database=database, mail=mail, ports=ports, hurry=hurry)
        stack.callback(site.stop)
        site.start_broker()
        yield site


def set_environment(folder: Path, database: Server | None, ports: dict[str, int]) -> None:
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "coordination.settings",
        "DATA_DIR": str(folder / "data"),
        "REDIS_URL": f"redis://127.0.0.1:{ports['broker']}/0",
        "EMAIL_URL": f"smtp://127.0.0.1:{ports['mail']}",
        "SITE_URL": f"http://127.0.0.1:{ports['web']}",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "HTTPS": "off",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "script")]),
    }
    if database:
        os.environ["DATABASE_URL"] = database.url


def set_up_django() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from coordination.processes import LOGS

    LOGS.mkdir()
    call_command("migrate", verbosity=0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
