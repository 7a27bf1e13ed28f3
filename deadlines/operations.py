"""The operations page: whether reminders go out, what waits, what failed, and what to do."""

import datetime as dt
from concurrent.futures import wait
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Max
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.views.organisation import OrganisationPage
from audit.once import is_first, keeps_refusals
from deadlines import health, integrity, probe, upkeep
from deadlines.calendar import years_without_data
from deadlines.models import Message, Run
from deadlines.permissions import MESSAGE
from deadlines.pulse import SWEEP, take_pulse

COUNTED = 1000
SHOWN = 20
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Queue:
    """The mails on their way. Counts stop at a thousand: `waiting` is text such as "1,000+"."""

    waiting: str
    sending: int
    oldest: Message | None
    sent_text: str
    last_sent_at: dt.datetime | None
    failed: list[Message]
    failed_count: str
    failed_beyond: bool
    """More than one press of the button tries again."""


def read_queue(now: dt.datetime) -> Queue:
    """Each statement by an index, whatever a million mails before them became."""
    waiting = Message.objects.waiting()
    # A live lease ends in the future; a mail whose lease has ended waits again.
    sending = waiting.filter(state=Message.State.SENDING, next_attempt_at__gt=now).count()
    first = list(waiting.order_by("next_attempt_at").values_list("pk", "created_at")[: COUNTED + 1])
    oldest = min(first, key=lambda row: row[1], default=(None,))[0]
    sent = Message.objects.filter(sent_at__gt=now - DAY).aggregate(
        number=Count("pk"), last=Max("sent_at")
    )
    failed = Message.objects.failed()
    failed_count = failed[: COUNTED + 1].count()
    return Queue(
        waiting=bounded(len(first) - sending if len(first) <= COUNTED else len(first)),
        sending=sending,
        oldest=Message.objects.select_related("recipient").filter(pk=oldest).first(),
        sent_text=number_format(sent["number"], force_grouping=True),
        last_sent_at=sent["last"],
        failed=list(failed.select_related("recipient").order_by("-pk")[:SHOWN]),
        failed_count=bounded(failed_count),
        failed_beyond=failed_count > upkeep.AT_ONCE,
    )


def bounded(number: int) -> str:
    """ "999", "1,000", and "1,000+" for whatever is beyond."""
    text = number_format(min(number, COUNTED), force_grouping=True)
    return f"{text}+" if number > COUNTED else text


class Operations(OrganisationPage, TemplateView):
    """For administrators, and readable at a glance; the script fetches its inside again."""

    tab = "operations"

    def load(self):
        MESSAGE.require(self.request.user, "list", None)

    def get_template_names(self):
        part = "_operations" if self.request.htmx else "operations"
        return [f"deadlines/{part}.html"]

    def get_context_data(self, **kwargs):
        now, pulse = timezone.now(), take_pulse()
        checks = [*health.checks(pulse, now), health.broker(broker_error())]
        runs = list(Run.objects.order_by("job"))
        by_job = {run.job: run for run in runs}
        return super().get_context_data(
            now=now,
            checks={check.code: check for check in checks},
            troubles=[check for check in checks if not check.is_ok],
            queue=read_queue(now),
            runs=runs,
            sweep=by_job.get(SWEEP),
            reconcile=by_job.get("reconcile"),
            history=by_job.get(integrity.JOB),
            years_without_data=years_without_data(timezone.localdate(now)),
            mail_folder=upkeep.mail_folder(),
            mail_host=f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
            **kwargs,
        )


def broker_error() -> BaseException | None:
    """What is wrong with the broker; a dead one costs the page 0.3 s."""
    asked = probe.broker.ask()
    wait([asked], timeout=probe.BROKER_TIMEOUT)
    return asked.exception() if asked.done() else TimeoutError()


@require_POST
def retry_all(request):
    number = upkeep.retry_failed(by=request.user, now=timezone.now())
    words = ngettext(
        "%(number)d mail waits again and leaves within a minute.",
        "%(number)d mails wait again and leave within minutes.",
        number,
    )
    messages.success(request, words % {"number": number})
    return redirect("deadlines:operations")


@require_POST
@keeps_refusals
def test_mail(request):
    """Outside any transaction: nobody's writing waits for a mail server."""
    MESSAGE.require(request.user, "test", None)
    if not request.user.email:
        messages.error(request, _("Your account has no mail address."))
    elif is_first(request):
        _send_test_mail(request)
    return redirect("deadlines:operations")


def _send_test_mail(request):
    try:
        upkeep.send_test_mail(to=request.user)
    except Exception as error:  # whatever hinders a mail is what the test has found
        words = _("The test mail was not taken: %(error)s")
        messages.error(request, words % {"error": f"{type(error).__name__}: {error}"})
    else:
        words = _("The test mail to %(address)s was taken. Look whether it arrives.")
        messages.success(request, words % {"address": request.user.email})
