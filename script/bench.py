"""How long the queries of each list take at a million tasks, beside the same at a thousand.

    script/bench [--postgres] [--tasks 1000000] [--data FOLDER]

Makes two databases, small and large, fills them (bench_fill.sql) and asks what each page asks,
through its view but without its template, as different people: what is seen matters more than
what is stored. Prints median and p95 in milliseconds and the median's ratio to the small
database. Databases are on SQLite and gone afterwards; with --data they stay in that folder and
are used again. With --postgres they are on a PostgreSQL server started for this run. A million
tasks take some minutes and 6 GB.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from postgres import postgres

ROOT = Path(__file__).resolve().parent.parent
SMALL = 1000
# Each is asked so often, or for so long.
RUNS, SECONDS = 20, 2.0
TEXT = "".join(chr(0x4E00 + number * 37 % 2000) for number in range(300))

PEOPLE = {
    "named in 5": 4999,
    "sees none": 5000,
    "head": 20,
    "closed dept": 200,
    "director": 1,
    "records": 4998,
}
ADMINISTRATOR = {"administrator": 4997}


class SqliteMoment:
    """{moment:n} in bench_fill.sql: n hours after the beginning of 2020."""

    def __format__(self, hours):
        return f"datetime('2020-01-01', ({hours}) || ' hours')"


class PostgresMoment:
    def __format__(self, hours):
        return f"(timestamptz '2020-01-01' + ({hours}) * interval '1 hour')"


def organise() -> None:
    """200 departments in a tree, the last one closed, and 5,000 people; four belong to none."""
    from django.utils import timezone

    from accounts.models import Department, Membership, Organisation, User

    Organisation.objects.create(pk=1, name="示例公司")
    numbers, now = range(1, 5001), timezone.now()
    User.objects.bulk_create(
        User(
            pk=n,
            username=f"person{n}",
            name=f"员工{n}",
            email=f"person{n}@example.com",
            date_joined=now,
            is_staff=n == ADMINISTRATOR["administrator"],
            is_records_administrator=n == PEOPLE["records"],
        )
        for n in numbers
    )
    # The board, ten divisions, the rest below those; person n heads department n.
    Department.objects.bulk_create(
        Department(
            pk=n,
            name=f"第{n}部",
            short_name=f"部{n}",
            is_active=n < 200,
            head_id=n,
            parent_id=None if n == 1 else 1 if n <= 11 else 2 + n % 10,
        )
        for n in range(1, 201)
    )
    Membership.objects.bulk_create(
        Membership(user_id=n, department_id=n if n <= 200 else 1 + n % 199, is_main=True)
        for n in numbers
        if n < 4997
    )


def fill(tasks: int) -> None:
    """Fills the database of the settings, as fast as it goes: nothing here survives a crash."""
    from django.db import connection

    organise()
    sqlite = connection.vendor == "sqlite"
    script = (ROOT / "script/bench_fill.sql").read_text()
    moment = SqliteMoment() if sqlite else PostgresMoment()
    with connection.cursor() as cursor:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-1000000"):
            if sqlite:
                cursor.execute(f"PRAGMA {pragma}")
        if not sqlite:
            cursor.execute("SET session_replication_role = replica")
        for statement in script.format(tasks=tasks, moment=moment, text=TEXT).split(";\n"):
            if "INSERT" in statement:
                cursor.execute(statement)
        if not sqlite:
            cursor.execute("VACUUM ANALYZE")


def measure(tasks: int) -> dict[str, list[float]]:
    """{"list / person": [median, p95]} in milliseconds."""
    from accounts.models import User

    found = {}
    for name, (view, people, query, kwargs) in lists(tasks).items():
        for person, pk in people.items():
            times = []
            began = time.perf_counter()
            ask(view, User.objects.get(pk=pk), query, kwargs)
            while len(times) < RUNS and (time.perf_counter() - began < SECONDS or not times):
                user = User.objects.get(pk=pk)
                start = time.perf_counter()
                ask(view, user, query, kwargs)
                times.append(1000 * (time.perf_counter() - start))
            times.sort()
            found[f"{name} / {person}"] = [
                statistics.median(times),
                times[max(0, round(0.95 * len(times)) - 1)],
            ]
    return found


def lists(tasks: int) -> dict:
    """What is asked: {name: (view, people, query, the view's arguments)}."""
    from accounts.views.people import PersonList
    from dashboards.home import HomePage
    from deadlines.views import MessageList, NotificationList
    from tasks.views.tasks import TaskHistory, TaskList

    old = tasks // 3
    number = f"2024-部{1 + old * 7919 % 199}-{old}"
    narrowed = {
        "tasks": {},
        "tasks, far back": {"before": old},
        "tasks, consultation": {"stage": "consultation"},
        "tasks, archived": {"stage": "archived"},
        "tasks, department": {"department": 50},
        "tasks, mine": {"mine": "initiator"},
        "tasks, owned": {"mine": "owner"},
        "tasks, common word": {"q": TEXT[100:102]},
        "tasks, unknown word": {"q": "没有"},
        "tasks, number": {"q": number},
    }
    director, admin = {"director": PEOPLE["director"]}, ADMINISTRATOR
    return {
        **{name: (TaskList, PEOPLE, query, {}) for name, query in narrowed.items()},
        "home": (HomePage, PEOPLE, {}, {}),
        "history": (TaskHistory, director, {}, {"task_pk": tasks - 1}),
        "notifications": (NotificationList, PEOPLE, {}, {}),
        **{
            f"notifications, {show}": (NotificationList, PEOPLE, {"show": show}, {})
            for show in ("new", "duties", "changes")
        },
        "mails": (MessageList, admin, {}, {}),
        **{
            f"mails, {state}": (MessageList, admin, {"state": state}, {})
            for state in ("waiting", "failed", "sent", "cancelled")
        },
        "people": (PersonList, admin, {}, {}),
        "people, search": (PersonList, admin, {"q": "没有"}, {}),
    }


def ask(view_class, user, query, kwargs) -> None:
    """Everything the page reads for its template."""
    from django.test import RequestFactory

    request = RequestFactory().get("/", query)
    request.user = user
    view = view_class()
    view.setup(request, **kwargs)
    view.get_context_data()


def child(tasks: int) -> None:
    """In a process of its own, because settings name one database."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "coordination.settings"
    django.setup()
    from django.core.management import call_command

    from accounts.models import User

    began = time.monotonic()
    call_command("migrate", verbosity=0)
    if not User.objects.exists():
        fill(tasks)
        print(f"{tasks} tasks filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(json.dumps(measure(tasks)))


def run(tasks: int, **variables: str) -> dict[str, list[float]]:
    """What `child` measures."""
    command = [sys.executable, __file__, "--child", "--tasks", str(tasks)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout)


def on_sqlite(tasks: int, folder: Path) -> dict[str, list[float]]:
    place = folder / f"tasks-{tasks}"
    place.mkdir(exist_ok=True)
    return run(tasks, DATA_DIR=str(place), DATABASE_URL="")


def on_postgres(tasks: int, folder: Path, url: str) -> dict[str, list[float]]:
    import psycopg

    host = url.partition("host=")[2]
    with psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE tasks_{tasks}")
    address = url.replace("/postgres?", f"/tasks_{tasks}?")
    secret = "bench-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ"  # noqa: S105
    return run(tasks, DATA_DIR=str(folder), DATABASE_URL=address, SECRET_KEY=secret, HTTPS="off")


def show(small: dict, large: dict) -> None:
    print(f"{'list / person':44} {'small':>8} {'median':>8} {'p95':>8} {'ratio':>7}")
    for name, (median, p95) in large.items():
        before = small[name][0]
        print(f"{name:44} {before:8.1f} {median:8.1f} {p95:8.1f} {median / before:7.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        return child(options.tasks)
    with contextlib.ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if options.postgres:
            url = stack.enter_context(postgres())
            small, large = (on_postgres(n, folder, url) for n in (SMALL, options.tasks))
        else:
            small, large = (on_sqlite(n, folder) for n in (SMALL, options.tasks))
        show(small, large)


if __name__ == "__main__":
    main()
