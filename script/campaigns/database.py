"""The database is restarted and killed, while mails leave and people look at pages."""

import random
import threading
import time

from django.db import connection
from postgres import FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN

from campaigns import Outcome
from campaigns.browser import Browser
from campaigns.company import due_now, make_company, owe
from campaigns.site import Site
from campaigns.tally import Tally


class Reader(threading.Thread):
    """Opens the home page again and again; `failures` are the moments it got no page."""

    def __init__(self, browser: Browser):
        super().__init__(daemon=True)
        self.browser, self.failures, self.read, self.over = browser, [], 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.05):
            status = self.browser.open("/")
            if status == 200:
                self.read += 1
            else:
                self.failures.append(time.monotonic())


def postgres(site: Site, *, reminders: int = 1000, people: int = 400, restarts: int = 6) -> Outcome:
    """In turn ended at once (fast) and killed (immediate)."""
    site.mail.thinks = 0.02
    team = make_company(people, "0m")
    tally = Tally(site.mail, owe(team, due_now(reminders)))
    reader = Reader(Browser(site.start_web(), team[1]))
    site.until(lambda: reader.browser.open("/") == 200)
    reader.start()
    site.start_workers()
    site.start_beats()
    errors = [
        _restart(site, reader, people * number // restarts, number) for number in range(restarts)
    ]
    site.wait_until_all_left(within=600)
    reader.over.set()
    reader.join()
    outcome = tally.outcome(restarts=restarts, extra_allowed=0)
    outcome.figures |= {
        "pages read": reader.read,
        "pages failed": len(reader.failures),
        "s longest errors after a restart": round(max(errors), 1),
        "s longest delay": round(tally.longest_delay),
    }
    outcome.promise("errors end within 10 s of a restart", max(errors) <= 10)
    return outcome


def _restart(site, reader, mails, number) -> float:
    """Returns for how long after it pages failed, in seconds."""
    site.until(lambda: len(site.mail.accepted) > mails, within=180)
    time.sleep(random.uniform(0, 0.04))
    site.database.stop(IMMEDIATE_SHUTDOWN if number % 2 else FAST_SHUTDOWN)
    time.sleep(random.uniform(0, 2))
    site.database.start()
    connection.close()
    ready, read = time.monotonic(), reader.read
    site.until(lambda: reader.read >= read + 20, within=60)
    return max((moment - ready for moment in reader.failures if moment > ready), default=0)
