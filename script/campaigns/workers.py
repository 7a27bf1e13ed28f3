"""Workers are killed with kill -9, while mails leave."""

import random
import time

from campaigns import Outcome
from campaigns.company import due_now, make_company, owe
from campaigns.site import Site
from campaigns.tally import Tally

# Between the mail and the server's answer, in seconds: so that a kill finds somebody waiting.
THINKS = 0.02
# Of one worker.
CHILDREN = 2


def kill(site: Site, *, reminders: int = 1000, people: int = 400, kills: int = 50) -> Outcome:
    """Kills the child that talks to the mail server, again and again."""
    tally = _begin(site, reminders, people)
    site.start_workers()
    site.start_beats()
    every = people / kills
    for number in range(kills):
        _wait_for_mails(site, round(random.uniform(0, every) + number * every * 0.8))
        site.kill_a_sender()
    site.wait_until_all_left(within=600)
    return _end(tally, kills=kills, extra_allowed=kills)


def tree(site: Site, *, reminders: int = 1000, people: int = 400, kills: int = 12) -> Outcome:
    """Kills all workers with their children, and starts them a moment later."""
    tally = _begin(site, reminders, people)
    [worker] = site.start_workers()
    site.start_beats()
    every = people / (kills + 1)
    for number in range(kills):
        _wait_for_mails(site, round(random.uniform(0, every) + number * every))
        site.kill(worker)
        time.sleep(random.uniform(0, 2))
        worker.start()
    took = site.wait_until_all_left(within=600)
    # Each child of the tree may have stood between the server's answer and its record.
    outcome = _end(tally, kills=kills, extra_allowed=kills * CHILDREN)
    outcome.figures["s until all had left"] = round(took)
    outcome.promise("all left within 120 s after the last start", took <= 120)
    return outcome


def _begin(site, reminders, people) -> Tally:
    site.mail.thinks = THINKS
    return Tally(site.mail, owe(make_company(people, "0m"), due_now(reminders)))


def _wait_for_mails(site, count) -> None:
    """Until so many have been taken; then for a moment, so that the kill hits anywhere."""
    site.until(lambda: len(site.mail.accepted) >= count, within=180)
    time.sleep(random.uniform(0, 2 * THINKS))


def _end(tally, *, kills, extra_allowed) -> Outcome:
    outcome = tally.outcome(kills=kills, extra_allowed=extra_allowed)
    outcome.figures["s longest delay"] = round(tally.longest_delay)
    return outcome
