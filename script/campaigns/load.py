"""Nothing breaks: much is due at once, or much is stored and little due."""

import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import F
from django.utils import timezone

from campaigns import Outcome
from campaigns.company import due_now, make_company, owe
from campaigns.site import Site, children_of
from campaigns.tally import Tally
from deadlines.models import Deadline, Message, Reminder
from deadlines.sweep import sweep

MEGABYTE = 1024 * 1024
# Of one worker process; an idle one has some 90 MB.
ALLOWED_MEGABYTES = 200

# Open ones, due one after the other from a year hence.
FILL = """
INSERT INTO deadlines_deadline (kind, subject_type, subject_id, period, owner_id, what, context,
  link, due_at, rule, opened_at, settled_how, next_at)
WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {rows})
SELECT 'communication_log', 'communications.communication', 1000000 + i, '',
  (SELECT min(id) FROM accounts_user) + i % {people}, 'x', '', '/', {moment}, 'hours', {moment}, '',
  {moment} FROM s
"""
MOMENTS = {
    "sqlite": "datetime('now', '+1 year', i || ' seconds')",
    "postgresql": "now() + interval '1 year' + i * interval '1 second'",
}


class Scales(threading.Thread):
    """Weighs the children of a worker once a second; `most` is the heaviest seen, in bytes."""

    def __init__(self, worker):
        super().__init__(daemon=True)
        self.worker, self.most = worker, 0

    def run(self) -> None:
        while True:
            for process in children_of(self.worker):
                with suppress(psutil.NoSuchProcess):
                    self.most = max(self.most, process.memory_info().rss)
            time.sleep(1)


def many(site: Site, *, reminders: int = 100_000, people: int = 20_000) -> Outcome:
    """All due at one moment, with two processes that work."""
    tally = Tally(site.mail, owe(make_company(people, "0m"), due_now(reminders)))
    [worker] = site.start_workers()
    scales = Scales(worker)
    scales.start()
    site.start_beats()
    began = time.time()
    swept = site.until(_all_swept, within=3600)
    site.wait_until_all_left(within=3600)
    outcome = tally.outcome(extra_allowed=0)
    last = max(taken.at for taken in site.mail.accepted)
    first = min(taken.at for taken in site.mail.accepted)
    megabytes = round(scales.most / MEGABYTE)
    outcome.figures |= {
        "s until all were swept": round(swept),
        "reminders/s swept": round(reminders / swept),
        "s until all had left": round(last - began),
        "mails/s": round(len(tally.copies) / (last - first or 1)),
        "MB in the largest worker process": megabytes,
    }
    outcome.promise("memory is bounded", megabytes <= ALLOWED_MEGABYTES)
    return outcome


def _all_swept() -> bool:
    time.sleep(0.5)
    return not Deadline.objects.to_remind(timezone.now()).exists()


def cost(
    site: Site, *, open: int = 1_000_000, few: int = 1000, due: int = 100, runs: int = 21
) -> Outcome:
    """A sweep finds what is due among so many open ones in the time it takes among a few.

    In this process, on two databases in turn.
    """
    sizes = {"default": few, "large": open}
    _make_second_database(site)
    for name, size in sizes.items():
        with _default_is(name):
            team = make_company(due, "0m")
            _fill(size - due, people=due)
            owe(team, due_now(due))
    times = {name: [] for name in sizes}
    for _run in range(runs):
        for name in sizes:
            with _default_is(name):
                times[name].append(_time_of_a_sweep(due))
    small, large = (1000 * statistics.median(times[name][1:]) for name in sizes)
    outcome = Outcome(
        {
            "database": connection.vendor,
            f"ms among {few}": round(small, 1),
            f"ms among {open}": round(large, 1),
            "ratio": round(large / small, 2),
        }
    )
    outcome.promise("the same time, give or take half of it", 0.5 <= large / small <= 1.5)
    return outcome


def _make_second_database(site) -> None:
    settings = connections.databases["default"]
    name = "large"
    if site.database:
        with connection.cursor() as cursor:
            cursor.execute("CREATE DATABASE large")
    else:
        name = site.folder / "large.sqlite3"
    connections.databases["large"] = {**settings, "NAME": name}
    call_command("migrate", database="large", verbosity=0)


@contextmanager
def _default_is(name: str) -> Iterator[None]:
    usual, connections["default"] = connections["default"], connections[name]
    try:
        yield
    finally:
        connections["default"] = usual


def _fill(rows: int, *, people: int) -> None:
    with connection.cursor() as cursor:
        moment = MOMENTS[connection.vendor]
        cursor.execute(FILL.format(rows=rows, people=people, moment=moment))
        cursor.execute("ANALYZE")


def _time_of_a_sweep(due: int) -> float:
    """In seconds; everything is due again afterwards."""
    now = timezone.now()
    began = time.perf_counter()
    result = sweep(now)
    took = time.perf_counter() - began
    if result.reminders != due:
        raise AssertionError(result)
    told = list(Reminder.objects.values_list("deadline_id", flat=True))
    Reminder.objects.all().delete()
    Message.objects.all().delete()
    Deadline.objects.filter(pk__in=told).update(next_at=F("due_at"))
    return took
