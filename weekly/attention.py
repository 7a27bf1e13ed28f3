"""What needs attention in a week, the worst first: one list for the page, the mail and the PDF."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from coordination.words import pair
from issues.choices import IssueState
from tasks import policies
from tasks.choices import Cause
from weekly.models import WarningRule
from weekly.report import DONE, Alert, Report, Row


class Concern(TextChoices):
    """What a line is about; the gravest first, the rows that lag as they stand in the report."""

    OVERDUE = "overdue", gettext_lazy("Past the due date")
    LAG = "lag", gettext_lazy("Behind the plan")
    NOT_REPORTED = "not_reported", gettext_lazy("Not reported")
    PROMISE = "promise", gettext_lazy("Support is missing")
    ISSUE = "issue", gettext_lazy("Issue past its date")
    ITEM = "item", gettext_lazy("Action item overdue")
    WARNING = "warning", gettext_lazy("Early warning")


PAGES = {
    Concern.ISSUE: "issues:issue_detail",
    Concern.ITEM: "communications:communication_detail",
}
# Of an early warning, what stands in the list already when its subtask does.
COVERED = {
    WarningRule.OVERDUE: (Concern.OVERDUE,),
    WarningRule.LAG: (Concern.OVERDUE, Concern.LAG),
    WarningRule.SILENT: (Concern.NOT_REPORTED,),
    WarningRule.PROMISE: (Concern.PROMISE,),
}
TO_DO = {
    WarningRule.OVERDUE: gettext_lazy("Finish it, or agree on another date"),
    WarningRule.LAG: gettext_lazy("Say what it needs, and from whom"),
    WarningRule.PROMISE: gettext_lazy("Deliver it, or promise another date"),
    WarningRule.MOVED: gettext_lazy("Agree on a date that holds"),
    WarningRule.SILENT: gettext_lazy("Report the week"),
    WarningRule.QUIET: gettext_lazy("Talk, and log it"),
}
"""The next action on what such a warning is about, whether or not one was raised."""


@dataclass(frozen=True)
class Line:
    """One thing that needs somebody: what, who, since when, what to do next."""

    concern: Concern
    what: str
    who: str
    """The person, or where nobody is named the department, whose turn it is."""
    department: str
    since: dt.date | None
    state: str
    """How bad it is, in a few words: "20 % of 45 % planned"."""
    next_action: str
    pk: int | None = None
    """Of the subtask, the issue or the communication it leads to; None: to the week itself."""

    @property
    def link(self) -> str | None:
        """Where the next action is done."""
        page = PAGES.get(self.concern, "tasks:subtask_detail")
        return reverse(page, args=[self.pk]) if self.pk else None


def attention(report: Report) -> list[Line]:
    """Everything that needs attention in a week, the worst first; empty in a good one.

    The words are those of the active language. A subtask that lags and did not report is one line.
    """
    lines = [
        *(_lagging(report, row) for row in report.lagging),
        *(_awaited(report, row) for row in _expected(report)),
        *_promises(report),
        *_problems(report),
        *_items(report),
    ]
    lines.sort(key=lambda line: _rank(line.concern))
    told = {(line.concern, line.pk) for line in lines}
    done = {row.subtask for row in report.rows if row.standing == DONE}
    left = (alert for alert in report.alerts if alert.subtask not in done)
    return lines + [_alert(report, alert) for alert in left if not _is_told(alert, told)]


def _rank(concern: Concern) -> int:
    return 0 if concern == Concern.LAG else list(Concern).index(concern)


def is_overdue(report: Report, row: Row) -> bool:
    """Whether what lags is past its due date, as the week was read."""
    return row.lagging and row.due <= report.sunday and row.due < localtime(report.as_of).date()


def lags_since(report: Report, row: Row) -> dt.date:
    """Since when it lags: the due date that has passed, else the first of the last weeks in which
    it did, without a break until now.
    """
    if is_overdue(report, row):
        return row.due
    since = report.week
    for point in reversed(row.last_weeks):
        if not policies.lags(point.planned, point.actual, report.tolerance):
            break
        since = point.week
    return since


def _lagging(report, row):
    return Line(
        concern=Concern.OVERDUE if is_overdue(report, row) else Concern.LAG,
        what=row.name,
        who=row.owner,
        department=row.department,
        since=lags_since(report, row),
        state=_how_far(row),
        next_action=_needed(report, row),
        pk=row.subtask,
    )


def _how_far(row) -> str:
    if row.actual is None:
        return _("never reported")
    figures = {"actual": row.actual, "planned": row.planned}
    words = _("%(actual)d%% of %(planned)d%% planned") % figures
    return _("%(words)s, not reported this week") % {"words": words} if row.is_awaited else words


def _needed(report, row) -> str:
    """What was asked for it, else what it waits for, else when it is expected."""
    for need in report.needs:
        if need.subtask == row.subtask:
            return pair(need.department, need.what)
    if row.waits_for:
        return row.waits_for
    if row.expected_finish:
        day = date_format(row.expected_finish, "SHORT_DATE_FORMAT")
        return _("Expected finish %(day)s") % {"day": day}
    return _to_do(WarningRule.LAG)


def _to_do(rule) -> str:
    return str(TO_DO[rule])


def _expected(report):
    """Who should have reported by now: nobody is asked for before the Friday of the week."""
    friday = report.week + dt.timedelta(days=4)
    is_due = report.as_of.date() >= friday
    return [row for row in report.awaited if is_due and not row.lagging]


def _awaited(report, row):
    silent = [a.since for a in report.alerts if (a.rule, a.subtask) == ("silent", row.subtask)]
    known = row.actual is not None
    return Line(
        concern=Concern.NOT_REPORTED,
        what=row.name,
        who=row.owner,
        department=row.department,
        since=silent[0] if silent else report.week,
        state=_("last known %(actual)d%%") % {"actual": row.actual} if known else _how_far(row),
        next_action=_to_do(WarningRule.SILENT),
        pk=row.subtask,
    )


def _promises(report) -> Iterable[Line]:
    for promise in report.promises:
        if promise.is_late:
            yield Line(
                concern=Concern.PROMISE,
                what=promise.what,
                who=promise.department,
                department=promise.department,
                since=promise.promised or promise.needed_by,
                state=_("for %(subtask)s") % {"subtask": promise.subtask_name},
                next_action=_to_do(WarningRule.PROMISE),
                pk=promise.subtask,
            )


def _problems(report) -> Iterable[Line]:
    todo = {
        IssueState.OPEN: _("Agree on a solution"),
        IssueState.SOLVING: _("Answer: solved or not"),
        IssueState.ANSWERED: _("Check the result and close it"),
    }
    for problem in report.problems:
        if problem.is_late:
            yield Line(
                concern=Concern.ISSUE,
                what=problem.description,
                who=problem.responsible,
                department=problem.department,
                since=problem.next_date,
                state=IssueState(problem.state).label,
                next_action=todo[problem.state],
                pk=problem.issue,
            )


def _items(report) -> Iterable[Line]:
    for item in report.items:
        if item.is_late:
            yield Line(
                concern=Concern.ITEM,
                what=item.what,
                who=item.owner,
                department="",
                since=item.due,
                state="",
                next_action=_("Do it, or agree on another date"),
                pk=item.communication,
            )


def _is_told(alert: Alert, told) -> bool:
    return any((concern, alert.subtask) in told for concern in COVERED.get(alert.rule, ()))


def _alert(report, alert):
    row = next((row for row in report.rows if row.subtask == alert.subtask), None)
    times = row.moved if row and alert.rule == WarningRule.MOVED else 0
    return Line(
        concern=Concern.WARNING,
        what=alert.subtask_name or report.title,
        who=row.owner if row else report.initiator,
        department=row.department if row else report.department,
        since=alert.since,
        state=_alert_words(alert, times),
        next_action=_to_do(alert.rule),
        pk=alert.subtask,
    )


def _alert_words(alert, times) -> str:
    if times:
        return ngettext("due date moved %d time", "due date moved %d times", times) % times
    return str(WarningRule(alert.rule).label)


def cause_of(row: Row) -> str:
    """Why a subtask deviates, in the reader's language; empty where nobody was asked."""
    return str(Cause(row.cause).label) if row.cause in Cause.values else row.cause
