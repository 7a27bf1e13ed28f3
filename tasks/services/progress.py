"""Stage 3: how far each subtask is, week by week (R16)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError, EditedMeanwhile, StageChanged
from deadlines.policies import week_of
from deadlines.services import keep_duties
from tasks import permissions
from tasks.choices import Stage, SubtaskState
from tasks.models import ProgressUpdate
from tasks.services.shared import lock_task
from tasks.weeks import this_week


class DeviationWithoutReason(DomainError):
    code = "deviation_without_reason"
    message = _("Planned and actual differ: say why, whether behind or ahead.")


class NotAPercent(DomainError):
    code = "not_a_percent"
    message = _("Progress is a whole number from 0 to 100.")


class WeekTooEarly(DomainError):
    code = "week_too_early"
    message = _("The subtask had not begun in this week.")


class WeekInFuture(DomainError):
    code = "week_in_future"
    message = _("This week has not begun yet.")


@transaction.atomic
def report_progress(*, subtask, planned, actual, reason, by, now, week=None, version=None):
    """Planned and actual percent of a subtask in the week of `week` (default: this week).

    A second report of the same week corrects the first, visibly in the history; `version` is
    that of the update being corrected, None for a first one. Returns the ProgressUpdate.
    """
    task = lock_task(subtask.task, stages=[Stage.EXECUTION])
    permissions.SUBTASK.require(by, "report", subtask)
    if subtask.state != SubtaskState.OPEN:
        raise StageChanged
    week = _check_week(task, subtask, week, now)
    _check_percent("planned", planned)
    _check_percent("actual", actual)
    if planned != actual and not reason.strip():
        raise DeviationWithoutReason(field="reason")
    values = {"planned": planned, "actual": actual, "reason": reason.strip()}
    values |= {"reported_by": by, "reported_at": now}
    update = ProgressUpdate.objects.filter(subtask=subtask, week=week).first()
    if update is None:
        update = ProgressUpdate.objects.create(subtask=subtask, week=week, **values)
        history.record(update, "progress.reported", by=by, now=now)
        keep_duties(subtask, now=now)
        return update
    if version is None:
        raise EditedMeanwhile(events=[], current_version=update.version)
    history.change(update, "progress.corrected", by=by, now=now, version=version, **values)
    return update


def _check_week(task, subtask, week, now):
    """The Monday of the week; from the start, or the confirmation where work began before it."""
    current = this_week(now)
    week = week_of(week) if week else current
    if week > current:
        raise WeekInFuture(field="week")
    if week < min(week_of(subtask.start_date), this_week(task.confirmed_at)):
        raise WeekTooEarly(field="week")
    return week


def _check_percent(name, value):
    if not 0 <= value <= 100:
        raise NotAPercent(field=name)
