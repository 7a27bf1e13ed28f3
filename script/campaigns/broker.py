"""The broker dies, without persistence, while people save forms and reminders are due."""

import os
import random
import signal
import statistics
import time
from collections import Counter

from django.utils import timezone

from campaigns import Outcome
from campaigns.browser import Browser
from campaigns.company import due_now, make_company, owe
from campaigns.site import Site
from campaigns.tally import Tally

# Forms are called after numbers that no reminder has.
FIRST_FORM = 900_000
# Two samples of one thing on a machine at work; a broker asked in line costs 2 s, or 5.
NOISE = 0.1


class Forms:
    """Saves forms one after the other; whoever leads the task is mailed about each."""

    def __init__(self, browser: Browser, tally: Tally):
        self.browser, self.tally = browser, tally
        self.answers: Counter[int] = Counter()

    def save(self, count: int) -> list[float]:
        """How long each took, in seconds."""
        return [self._save_one() for _ in range(count)]

    def _save_one(self) -> float:
        name = f"{FIRST_FORM + self.answers.total():06d}"
        status, seconds = self.browser.save_talk(name)
        self.answers[status] += 1
        if status == 302:
            self.tally.due[name] = timezone.now()
        return seconds


def redis(
    site: Site, *, reminders: int = 1000, people: int = 400, kills: int = 8, forms: int = 400
) -> Outcome:
    """Half of the times it first hangs for a while: it takes connections and answers nothing."""
    team = make_company(people, "0m")
    tally = Tally(site.mail, {})
    forms_of = Forms(Browser(site.start_web(shows_pages=False), team[1]), tally)
    site.start_workers()
    site.start_beats()
    forms_of.save(5)  # the first ones load much
    usual, without = [], []
    each = forms // (2 * kills)
    for number in range(kills):
        usual += forms_of.save(each)
        tally.due |= owe(team, due_now(reminders // kills))
        if number % 2:
            os.kill(site.broker.process.pid, signal.SIGSTOP)
        else:
            site.kill(site.broker)
        without += forms_of.save(each)
        time.sleep(random.uniform(0, 2))
        site.kill(site.broker)
        site.broker.start()
        site.until(site.broker_answers)
    site.wait_until_all_left(within=600)
    # Who hurries ends leases; on a busy machine also that of a sender about to record its mail.
    outcome = tally.outcome(kills=kills, extra_allowed=kills if site.hurry else 0)
    _judge(outcome, usual, without, forms_of.answers)
    return outcome


def _judge(outcome, usual, without, answers) -> None:
    alive, dead = p95(usual), p95(without)
    outcome.figures |= {
        "reminders": outcome.figures["reminders"] - answers[302],
        "forms": answers.total(),
        "ms p95 with a broker": round(1000 * alive),
        "ms p95 without": round(1000 * dead),
    }
    outcome.promise(f"every form is saved ({dict(answers)})", set(answers) == {302})
    outcome.promise("a dead broker costs a form no time", dead <= 2 * alive + NOISE)


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]
