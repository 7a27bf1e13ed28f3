"""Whether reminders go out: what must work for that, and in words what is wrong where it does not.

Administrators read it on the operations page and, the gravest, on every page; the log has it too.
"""

import datetime as dt
import logging
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from coordination.words import duration
from deadlines.pulse import Pulse, take_pulse

logger = logging.getLogger(__name__)

SILENCE = dt.timedelta(minutes=5)
# So long are administrators told of a mail that failed for good, on every page.
FAILED_IS_NEWS = dt.timedelta(days=7)
WATCH_EVERY = 30
STARTED = timezone.now()

OK, DEGRADED, FAILING = "ok", "degraded", "failing"


@dataclass(frozen=True)
class Check:
    """One thing that must work. Degraded: something is late or lost its way; failing: nobody is
    reminded.
    """

    code: str
    state: str = OK
    words: str = ""
    advice: str = ""

    @property
    def is_ok(self) -> bool:
        return self.state == OK


def checks(pulse: Pulse, now: dt.datetime) -> list[Check]:
    """Everything that the database can tell, the gravest first."""
    return [check(pulse, now) for check in (beat, mail, failed_mails, jobs)]


def beat(pulse: Pulse, now: dt.datetime, *, started: dt.datetime | None = None) -> Check:
    """Whether time passes: a sweep began less than five minutes ago.

    Before the first one ever, that long after this process started (`started`).
    """
    since = pulse.swept_at or started or STARTED
    if now - since < SILENCE:
        return Check("beat")
    silent = _("Nobody is reminded: the clock (beat) has been silent for %(time)s.")
    never = _("Nobody is reminded: the clock (beat) has not run yet.")
    return Check(
        "beat",
        FAILING,
        silent % {"time": duration(now - since)} if pulse.swept_at else never,
        _how_to_start_beat(),
    )


def _how_to_start_beat() -> str:
    if settings.EMBEDDED:
        words = _(
            "Stop the system and start it again; what was missed is caught up at once. Why it"
            " stopped is in %(folder)s."
        )
        return words % {"folder": settings.DATA_DIR / "log"}
    return _(
        "Whoever runs the system must start beat and a worker again; what was missed is caught up"
        " at once."
    )


def mail(pulse: Pulse, now: dt.datetime) -> Check:
    """Whether mails leave when they should; while the server is away nothing is attempted."""
    if pulse.mail_due_at is None or now < pulse.mail_due_at:
        return Check("mail")
    if pulse.mail_error and not pulse.mail_attempts:
        words = _("The mail server cannot be reached: %(error)s") % {"error": pulse.mail_error}
    elif now - pulse.mail_due_at >= SILENCE:
        late = {"time": duration(now - pulse.mail_due_at)}
        words = _("Mails leave late: the next one should have left %(time)s ago.") % late
    else:
        return Check("mail")
    return Check("mail", DEGRADED, words, _("They wait and leave by themselves; none is lost."))


def failed_mails(pulse: Pulse, now: dt.datetime) -> Check:
    if pulse.failed_at is None or now - pulse.failed_at > FAILED_IS_NEWS:
        return Check("failed_mails")
    return Check(
        "failed_mails",
        DEGRADED,
        _("Mails failed for good: the mail server refused them again and again."),
        _("The list below says why. Put the address or the server right, then try again."),
    )


def jobs(pulse: Pulse, now: dt.datetime) -> Check:
    if not pulse.job_failed:
        return Check("jobs")
    return Check(
        "jobs",
        DEGRADED,
        _("The last run of a job ended with an error."),
        _("The table of jobs below says which; it runs again by itself."),
    )


def broker(error: BaseException | None) -> Check:
    if error is None:
        return Check("broker")
    words = str(error) or type(error).__name__
    return Check(
        "broker",
        DEGRADED,
        _("The broker does not answer: %(error)s") % {"error": words},
        _("Forms go on working; reminders wait until it is back. None is lost."),
    )


# The log ----------------------------------------------------------------------------------------


class Watch:
    """Has one silence of beat be one line in the log, however often it is looked at."""

    def __init__(self):
        self.told = False

    def look(self, pulse: Pulse, now: dt.datetime) -> None:
        check = beat(pulse, now)
        if not check.is_ok and not self.told:
            logger.error("No sweep since %s: nobody is reminded. Start beat.", pulse.swept_at)
        self.told = not check.is_ok

    def stay(self) -> None:
        """Looks for ever, for a thread of its own."""
        while True:
            time.sleep(WATCH_EVERY)
            try:
                self.look(take_pulse(), timezone.now())
            except Error:
                continue  # every page and /healthz say that the database is away
            finally:
                connection.close()


watch = Watch()


def keep_watch() -> None:
    """Watches over beat beside the requests of this process, whoever looks at a page or not."""
    threading.Thread(target=watch.stay, daemon=True).start()
