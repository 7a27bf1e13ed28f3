"""Beat is silent for a day; then there are two of them, and four workers."""

import datetime as dt
import random
import shelve
import time

from django.utils import timezone

from campaigns import Outcome
from campaigns.company import KIND, let_pass, make_company, owe
from campaigns.site import Site
from campaigns.tally import Tally
from deadlines.models import Ladder, Message

DAY = dt.timedelta(days=1)


def beat(
    site: Site,
    *,
    reminders: int = 1000,
    people: int = 200,
    minutes: float = 10.0,
    workers: int = 4,
) -> Outcome:
    """What was due on a silent day is told once, in one mail to each; two beats repeat nothing."""
    team = make_company(people, "-2h", "0m", "+2h")
    first = timezone.now() + dt.timedelta(hours=3)
    due = owe(team, [first + random.random() * DAY * 0.75 for _ in range(reminders)])
    tally = Tally(site.mail, due)
    site.start_workers()
    _be_silent_for_a_day(site)
    site.start_beats()
    site.wait_until_all_left(within=300)
    mails = Message.objects.filter(reminders__deadline__kind=KIND).distinct().count()

    site.start_beats()
    site.start_workers(workers - 1)
    Ladder.objects.update(steps=["0m owner"])
    span = dt.timedelta(minutes=minutes)
    tally.due |= owe(team, [timezone.now() + random.random() * span for _ in range(reminders)])
    time.sleep(span.total_seconds())
    site.wait_until_all_left(within=300)

    outcome = tally.outcome(extra_allowed=0)
    outcome.figures |= {
        "mails after the day": mails,
        f"min with 2 beats, {workers} workers": minutes,
    }
    outcome.promise(f"one mail to each after the day ({mails})", mails == people)
    return outcome


def _be_silent_for_a_day(site) -> None:
    """Beat runs, is stopped, and a day passes for everybody; also in its file of what it did."""
    [beat] = site.start_beats()
    site.until(lambda: any(site.folder.glob("schedule-0*")))
    site.end(beat)
    let_pass(DAY)
    with shelve.open(str(site.schedule(0)), writeback=True) as file:  # noqa: S301
        for entry in file["entries"].values():
            entry.last_run_at -= DAY
