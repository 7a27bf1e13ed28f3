"""The mail server misbehaves."""

import datetime as dt
import random

from django.utils import timezone

from campaigns import Outcome
from campaigns.company import anything_waits, due_now, let_pass, make_company, owe
from campaigns.site import Site
from campaigns.tally import Tally
from deadlines.models import Message

FAULTS = ["later", "bye", "drop", "hang"]
MINUTE = dt.timedelta(minutes=1)


def mail(
    site: Site, *, reminders: int = 1000, bad: int = 60, minutes: int = 60, swallowed: int = 5
) -> Outcome:
    """One mail in some goes wrong; then all of them, for an hour; then answers are swallowed.

    The hour passes in the database: minute by minute what waits comes nearer.
    """
    people = make_company(reminders, "0m")
    tally = Tally(site.mail, {})
    site.start_workers()
    site.start_beats()
    site.mail.hangs = 1.0 if site.hurry else None

    site.mail.manners = _mixed(FAULTS, bad, among=reminders)
    tally.due |= owe(people, due_now(reminders))
    site.wait_until_all_left(within=1200)
    extra = tally.read().extra

    site.mail.manners = random.choices([f for f in FAULTS if f != "hang"], k=20 * reminders)
    during = owe(people, due_now(reminders))
    taken = len(site.mail.accepted)
    site.until(lambda: not _anything_to_do(site), within=600)
    _pass(site, minutes)
    taken = len(site.mail.accepted) - taken
    site.mail.manners = []
    later = _pass_until_all_left(site)
    tally.due |= during

    site.mail.manners = _mixed(["swallow"], swallowed, among=reminders)
    tally.due |= owe(people, due_now(reminders))
    site.wait_until_all_left(within=600)

    outcome = tally.outcome(extra_allowed=swallowed)
    outcome.figures |= {
        "went wrong": bad,
        "refused min": minutes,
        "min later all had left": later,
        "answers swallowed": swallowed,
    }
    outcome.promise("no copy where no answer was swallowed", not extra and not taken)
    return outcome


def _mixed(faults, count, *, among) -> list[str]:
    """So many faults, of each kind as many, anywhere among so many mails."""
    manners = [faults[number % len(faults)] for number in range(count)] + [""] * (among - count)
    random.shuffle(manners)
    return manners


def _anything_to_do(site) -> bool:
    """Whether something is due now, or somebody is at it."""
    now = timezone.now()
    return bool(site.mail.talking) or Message.objects.to_deliver(now).exists() or _due(now)


def _due(now) -> bool:
    from deadlines.models import Deadline

    return Deadline.objects.to_remind(now).exists()


def _pass(site, minutes) -> None:
    """So many minutes, in each of which everybody does what is due."""
    for _minute in range(minutes):
        let_pass(MINUTE)
        site.until(lambda: not _anything_to_do(site), within=600)


def _pass_until_all_left(site) -> int:
    """How many minutes that took."""
    passed = 0
    while anything_waits():
        _pass(site, 10)
        passed += 10
    return passed
