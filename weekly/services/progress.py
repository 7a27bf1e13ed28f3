"""Stage 3: how far each subtask is, week by week (R16)."""

import datetime as dt

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import history
from audit.models import Event
from coordination.errors import DomainError, EditedMeanwhile, StageChanged
from deadlines.policies import week_of
from deadlines.services import keep_duties
from deadlines.terms import Terms
from tasks import permissions, policies
from tasks.choices import PROMISED, Cause, Stage, SubtaskState, SupportState
from tasks.models import ProgressUpdate, Subtask, SupportRequest
from tasks.services.planning import current_plan
from tasks.services.shared import lock_task
from weekly.models import WeeklyReport, WeeklySync
from weekly.services import warnings

COLLECT_FOR = dt.timedelta(minutes=30)
"""Late input of so long goes out as one new version of the week's report."""


class DeviationWithoutReason(DomainError):
    code = "deviation_without_reason"
    message = gettext_lazy("Planned and actual differ: choose a cause and say it in one sentence.")


class FallsWithoutReason(DomainError):
    code = "falls_without_reason"
    message = gettext_lazy("Less than in the week before: choose a cause and say why.")


class CorrectionWithoutReason(DomainError):
    code = "correction_without_reason"
    message = gettext_lazy("The report of this week is out: say why the figure is corrected.")


class NotAPercent(DomainError):
    code = "not_a_percent"
    message = gettext_lazy("Progress is a whole number from 0 to 100.")


class UnknownCause(DomainError):
    code = "unknown_cause"
    message = gettext_lazy("Choose one of the causes.")


class CauseContradicts(DomainError):
    code = "cause_contradicts"
    message = gettext_lazy("“Easier than thought” is no cause for being behind.")


class NotAwaited(DomainError):
    code = "not_awaited"
    message = gettext_lazy("This subtask does not wait for that support.")


class WeekTooEarly(DomainError):
    code = "week_too_early"
    message = gettext_lazy("The subtask had not begun in this week.")


class WeekInFuture(DomainError):
    code = "week_in_future"
    message = gettext_lazy("This week has not begun yet.")


@transaction.atomic
def report_progress(
    *,
    subtask,
    actual,
    by,
    now,
    week=None,
    cause="",
    reason="",
    waits_for=None,
    expected_finish=None,
    next_steps="",
    correction="",
    version=None,
) -> ProgressUpdate:
    """How far a subtask is at the end of the week of `week` (default: this week).

    What was planned is taken from its plan. Beyond the organisation's tolerance, behind or ahead,
    and where it falls below the week before, it needs a `cause` and one sentence; `waits_for` is a
    support request that was not kept and gives both. A second report of a week corrects the first,
    visibly: `version` is that of the update being corrected, and once the week's report is out,
    `correction` says why. Input after the report makes the report's next version.
    """
    task = lock_task(subtask.task, stages=[Stage.EXECUTION])
    permissions.SUBTASK.require(by, "report", subtask)
    subtask = Subtask.objects.select_related("task").get(pk=subtask.pk)
    if subtask.state != SubtaskState.OPEN:
        raise StageChanged
    terms = Terms.current(now)
    week = _check_week(task, subtask, week, terms)
    if not 0 <= actual <= 100:
        raise NotAPercent(field="actual")
    update = ProgressUpdate.objects.filter(subtask=subtask, week=week).first()
    planned = update.planned if update else current_plan(subtask).percent_in(week)
    cause, reason = _cause(subtask, cause, reason.strip(), waits_for)
    _check_reason(subtask, week, planned, actual, cause, reason, terms)
    values = {
        "planned": planned,
        "actual": actual,
        "tolerance": terms.organisation.tolerance,
        "cause": cause,
        "reason": reason,
        "waits_for": waits_for,
        "expected_finish": expected_finish,
        "next_steps": next_steps.strip(),
        "reported_by": by,
        "reported_at": now,
    }
    sync = WeeklySync.objects.filter(task=task, week=week).first()
    is_out = sync is not None and WeeklyReport.objects.filter(sync=sync).exists()
    if update is None:
        update = ProgressUpdate.objects.create(subtask=subtask, week=week, **values)
        history.record(update, "progress.reported", by=by, now=now)
    else:
        _correct(update, values, by, now, version, correction.strip(), is_out)
    if is_out:
        _issue_again(sync, now)
    keep_duties(subtask, now=now)
    warnings.watch([task.pk], now)
    return update


def _check_week(task, subtask, week, terms):
    """The Monday of the week; from the start, or the confirmation where work began before it."""
    current = week_of(terms.today)
    week = week_of(week) if week else current
    if week > current:
        raise WeekInFuture(field="week")
    if week < min(week_of(subtask.start_date), week_of(terms.local_day(task.confirmed_at))):
        raise WeekTooEarly(field="week")
    return week


def _cause(subtask, cause, reason, waits_for):
    """A promise that was not kept is a cause and its own sentence."""
    if cause not in ("", *Cause.values):
        raise UnknownCause(field="cause")
    if waits_for is None:
        return cause, reason
    if waits_for.subtask_id != subtask.pk:
        raise NotAwaited(field="cause")
    return Cause.WAITING, reason or broken_words(waits_for)


def broken_promises(subtask: Subtask, today: dt.date) -> list[SupportRequest]:
    """What another department promised this subtask and did not keep, or declined (R9)."""
    requests = subtask.support_requests.all()
    return [request for request in requests if _is_broken(request, today)]


def _is_broken(request, today):
    overdue = request.state in PROMISED and request.promised_date < today
    unanswered = request.state == SupportState.ASKED and request.needed_by < today
    return overdue or unanswered or request.state == SupportState.DECLINED


def broken_words(request: SupportRequest) -> str:
    """The sentence that a broken promise offers as the reason of a deviation."""
    words = {"department": request.department, "what": request.what}
    if request.state == SupportState.DECLINED:
        return _("%(department)s has declined: %(what)s.") % words
    day = date_format(request.promised_date or request.needed_by, "DATE_FORMAT")
    text = _("Waiting for %(department)s: %(what)s, promised for %(day)s.")
    if request.promised_date is None:
        text = _("Waiting for %(department)s: %(what)s, needed by %(day)s, not answered.")
    return text % (words | {"day": day})


def _check_reason(subtask, week, planned, actual, cause, reason, terms):
    before = subtask.progress.filter(week__lt=week).order_by("week").last()
    falls = before is not None and actual < before.actual
    if cause == Cause.EASIER and actual < planned:
        raise CauseContradicts(field="cause")
    if cause and reason:
        return
    if policies.deviates(planned, actual, terms.organisation.tolerance):
        raise DeviationWithoutReason(field="reason" if cause else "cause")
    if falls:
        raise FallsWithoutReason(field="reason" if cause else "cause")


def _correct(update, values, by, now, version, correction, is_out):
    if version is None:
        events = Event.objects.about(update)[: update.version]
        raise EditedMeanwhile(events=events, current_version=update.version)
    if is_out and not correction:
        raise CorrectionWithoutReason(field="correction")
    history.change(
        update,
        "progress.corrected",
        by=by,
        now=now,
        version=version,
        reason=correction,
        fields=values,
    )


def _issue_again(sync, now):
    """The first late input starts the half hour; what follows within it goes out together."""
    if sync.issue_at is None:
        WeeklySync.objects.filter(pk=sync.pk, issue_at=None).update(issue_at=now + COLLECT_FOR)
