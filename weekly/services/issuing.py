"""The roll-up of a week goes out: sent by the initiating department, or by itself at noon (R17)."""

import datetime as dt

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from audit import history
from coordination.errors import DomainError
from coordination.words import listing
from deadlines.policies import late_by, week_of
from deadlines.services import keep_duties, tell
from deadlines.terms import Terms
from tasks.models import Task
from tasks.services.drafting import ReasonMissing
from tasks.services.shared import departments_of, headed, lock_task
from tasks.workflow import SHARED, WORK_OPEN
from weekly import permissions
from weekly.build import build, figures_before
from weekly.models import Reading, WeeklyReport, WeeklySync
from weekly.report import Need, Report, corrections, read, write
from weekly.services.batches import in_batches
from weekly.services.progress import WeekInFuture
from weekly.services.weeks import week_row
from weekly.weeks import opens_on, weeks_of_task

Occasion = WeeklyReport.Occasion


class NotAtWork(DomainError):
    code = "not_at_work"
    message = _("The task was not at work in this week.")


class TooEarly(DomainError):
    code = "week_under_way"

    def __init__(self, day):
        message = _("The week is still under way. It can be sent from %(day)s.")
        super().__init__(message % {"day": date_format(day, "DATE_FORMAT")})


class AlreadySent(DomainError):
    code = "already_sent"
    message = _("Another version of this week was issued meanwhile. Look at it first.")
    status = 409


class SummaryMissing(DomainError):
    code = "summary_missing"
    message = _("Say in a few words what happened this week.")


class AddresseeMissing(DomainError):
    code = "addressee_missing"
    message = _("Say what is needed, and from which department.")


class LaggingNotNamed(DomainError):
    """R17: the roll-up names every subtask that lags."""

    code = "lagging_not_named"

    def __init__(self, rows):
        message = _("Say what each lagging subtask needs, and from whom: %(names)s.")
        super().__init__(message % {"names": listing(row.name for row in rows)})
        self.subtasks = {row.subtask for row in rows}


@transaction.atomic
def send_weekly_sync(*, task, week, by, now, summary, needs=(), reason="", seen=0) -> WeeklyReport:
    """The initiating department sends the roll-up of a week to every department head (R17).

    `week` is any day of a week of work, from its Friday on. `needs` are dicts of `subtask` (its id;
    None: the whole task), `what` and `department` (the id of the addressee); every lagging subtask
    has one. `seen` is the number of the version that the person had before them, 0 for
    none: a newer one refuses. What was sent before is corrected by another version, with a
    `reason`. Late is what is first sent after noon of the next Monday, and stays so.
    """
    task = lock_task(task, stages=WORK_OPEN)
    permissions.WEEK.require(by, "send", task)
    terms = Terms.current(now)
    week = _check_week(task, week, terms)
    sync = week_row(task, week, terms)
    last = sync.reports.order_by("number").last()
    if seen != (last.number if last else 0):
        raise AlreadySent
    if sync.sent_at and not reason.strip():
        raise ReasonMissing(field="reason")
    report = _with_words(task, _read_week(task, week, terms), summary, needs)
    occasion = Occasion.CORRECTED if sync.sent_at else Occasion.SENT
    _mark_sent(sync, by, terms)
    issued = _issue(sync, task, report, occasion, last, by=by, now=now, reason=reason.strip())
    keep_duties(task, now=now)
    return issued


def issue_due(now: dt.datetime) -> int:
    """Issues by itself what nobody sent by noon, and late input of weeks that are out.

    Returns how many versions went out. Each in a transaction of its own; a second run at the same
    time issues nothing twice. Raises SomeFailed once all others are out.
    """
    due = WeeklySync.objects.filter(issue_at__lte=now).order_by("issue_at", "pk")
    tasks = dict(due.values_list("pk", "task"))
    return in_batches(list(tasks), lambda pks: _issue_one(pks[0], tasks[pks[0]], now), size=1)


@transaction.atomic
def _issue_one(pk, task_pk, now) -> bool:
    task = Task.objects.select_for_update(of=("self",)).get(pk=task_pk)
    sync = WeeklySync.objects.get(pk=pk)
    if sync.issue_at is None or sync.issue_at > now:
        return False
    terms = Terms.current(now)
    last = sync.reports.order_by("number").last()
    noon = terms.monday_noon(sync.week).at
    waits = noon if last is None and noon > now else None
    WeeklySync.objects.filter(pk=sync.pk).update(issue_at=waits)
    if task.stage not in WORK_OPEN or waits:
        return False
    report = _read_week(task, sync.week, terms)
    if last is None:
        _issue(sync, task, report, Occasion.NOON, last, by=None, now=now)
        return True
    told = read(last.content)
    report = report.told(told.summary, told.needs)
    if not corrections(told, report):
        return False
    _issue(sync, task, report, Occasion.LATE_INPUT, last, by=None, now=now)
    return True


@transaction.atomic
def confirm_reading(*, reading, by, now) -> Reading:
    """A department head has read the report (已阅). Once; a second click changes nothing."""
    lock_task(reading.report.sync.task, stages=SHARED)
    permissions.READING.require(by, "read", reading)
    fresh = Reading.objects.filter(pk=reading.pk, read_at=None).update(read_at=now)
    reading.refresh_from_db()
    if fresh:
        history.record(reading.report, "weekly_report.read", by=by, now=now)
    return reading


def _read_week(task, week, terms) -> Report:
    return build(task, week, terms, figures_before(task, week))


def _check_week(task, week, terms):
    week = week_of(week)
    if week > week_of(terms.today):
        raise WeekInFuture
    if week not in weeks_of_task(task, terms):
        raise NotAtWork
    if day := opens_on(task, week, terms):
        raise TooEarly(day)
    return week


def _with_words(task, report: Report, summary, needs) -> Report:
    if not summary.strip():
        raise SummaryMissing(field="summary")
    told = [_need(task, report, **need) for need in needs]
    named = {need.subtask for need in told}
    if unsaid := [row for row in report.lagging if row.subtask not in named]:
        raise LaggingNotNamed(unsaid)
    return report.told(summary, told)


def _need(task, report, *, subtask, what, department) -> Need:
    """By id; the subtask is one of the week's (None: the whole task), the addressee takes part."""
    names = {None: ""} | {row.subtask: row.name for row in report.rows}
    departments = {seat.pk: seat.name for seat in departments_of(task)}
    if not what.strip() or department not in departments or subtask not in names:
        raise AddresseeMissing
    return Need(subtask, names[subtask], what.strip(), departments[department])


def _mark_sent(sync, by, terms):
    """The first sending counts, in time or late; a version at noon may still be wanted by input
    that comes between Friday and Monday."""
    noon = terms.monday_noon(sync.week).at
    if sync.sent_at is None:
        sync.sent_by, sync.sent_at = by, terms.now
        sync.late_by = late_by(noon, terms.now)
    sync.issue_at = noon if noon > terms.now else None
    sync.save(update_fields=["sent_by", "sent_at", "late_by", "issue_at"])


def _issue(sync, task, report, occasion, last, *, by, now, reason="") -> WeeklyReport:
    """Freezes a version and tells every head, each in a mail of its own."""
    issued = WeeklyReport.objects.create(
        sync=sync,
        number=last.number + 1 if last else 1,
        occasion=occasion,
        issued_at=now,
        issued_by=by,
        reason=reason,
        content=write(report),
    )
    event = history.record(issued, f"weekly_sync.{occasion}", by=by, now=now, reason=reason)
    readers = {head: department for head, department in _by_head(task).items() if head != by}
    Reading.objects.bulk_create(
        Reading(report=issued, department=department, reader=head)
        for head, department in readers.items()
    )
    tell(
        event=event,
        people=[*readers, task.initiator],
        link=issued.get_absolute_url(),
        now=now,
        task=task,
        stands_alone=True,
    )
    return issued


def _by_head(task) -> dict:
    """The active heads of the task's departments, each with the first department of theirs."""
    found = {}
    for department in headed(task):
        if department.head.is_active:
            found.setdefault(department.head, department)
    return found
