"""A report's parts in the reader's words, for the mail and for paper."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext, pgettext

from coordination.words import pair
from weekly.attention import cause_of
from weekly.models import WeeklyReport
from weekly.report import Change, Figures, Report, Row

NOTHING = "–"

ACTS = {
    "subtask.taken_on": gettext_lazy("taken on"),
    "subtask.edited": gettext_lazy("changed"),
    "subtask.cancelled": gettext_lazy("taken back"),
    "subtask.finished": gettext_lazy("finished"),
    "subtask.reopened": gettext_lazy("reopened"),
    "plan.changed": gettext_lazy("planned anew"),
    "task.revised": gettext_lazy("requirement revised"),
    "task.resume": gettext_lazy("work taken up again"),
    "support.rescheduled": gettext_lazy("support promised for another date"),
    "support.declined": gettext_lazy("support declined"),
}
FIELDS = {
    "start_date": gettext_lazy("start"),
    "due_date": gettext_lazy("due date"),
    "end_date": gettext_lazy("end date"),
    "promised_date": gettext_lazy("promised for"),
    "owner": gettext_lazy("first responsible person"),
    "title": gettext_lazy("name"),
}
"""What is told old → new; the steps of a plan are read where they are kept."""

VERSIONS = {
    WeeklyReport.Occasion.CORRECTED: gettext_lazy("corrected"),
    WeeklyReport.Occasion.LATE_INPUT: gettext_lazy("after late input"),
}


def span(first: dt.date, last: dt.date) -> str:
    """Several days in as few words as there are: "14–20 Oct", "30 Sep–6 Oct"."""
    if (first.year, first.month) != (last.year, last.month):
        return f"{_short(first)}–{_short(last)}"
    begin = date_format(first, pgettext("format of the first of several days in a month", "j"))
    end = date_format(last, pgettext("format of the last of several days", "j M"))
    return f"{begin}–{end}"


def edition(version: WeeklyReport) -> str:
    """Which version it is and why there is one: "v2 (corrected)"; the first is just "v1"."""
    why = VERSIONS.get(version.occasion)
    if not why:
        return f"v{version.number}"
    return _("v%(number)s (%(why)s)") % {"number": version.number, "why": why}


@dataclass(frozen=True)
class Figure:
    """A figure of the week, and how it changed from the week before ("" where nobody knows)."""

    label: str
    value: str
    change: str


def figures_of(report: Report) -> list[Figure]:
    """The tiles of the week, in their order."""
    now, before = report.figures, report.before
    counted = [
        (_("Planned"), "planned", "%"),
        (_("Actual"), "actual", "%"),
        (_("Lagging subtasks"), "lagging", ""),
        (_("Not reported"), "not_reported", ""),
        (_("Overdue action items"), "overdue_items", ""),
        (_("Open issues"), "open_issues", ""),
    ]
    found = [_figure(label, name, unit, now, before) for label, name, unit in counted]
    return [*found, Figure(_("Logged in time"), _in_time(now), "")]


def _figure(label, name, unit, now: Figures, before: Figures | None) -> Figure:
    value, old = getattr(now, name), getattr(before, name, None)
    known = value is not None and old is not None
    return Figure(
        label, percent(value) if unit else str(value), signed(value - old) if known else ""
    )


def _in_time(now: Figures) -> str:
    if not now.logs:
        return NOTHING
    words = {"in_time": now.logged_in_time, "logs": now.logs}
    return _("%(in_time)d of %(logs)d") % words


def percent(value: int | None) -> str:
    """ "45%"; what nobody reported is never 0 %."""
    return NOTHING if value is None else f"{value}%"


def signed(number: int) -> str:
    """How a figure changed: "+5", "−3", "±0"."""
    if number == 0:
        return "±0"
    return f"+{number}" if number > 0 else f"−{-number}"


def course(row: Row) -> str:
    """The last weeks of a subtask in figures: "20% → – → 60%"; "" of a single week."""
    points = [percent(point.actual) for point in row.last_weeks]
    return " → ".join(points) if len(points) > 1 else ""


def deviation(row: Row) -> str:
    """How far a subtask is from its plan, in words."""
    if row.deviation is None:
        return NOTHING
    if row.behind:
        return _("%(percent)s%% behind") % {"percent": row.behind}
    return _("%(percent)s%% ahead") % {"percent": row.ahead} if row.ahead else _("as planned")


def because(row: Row) -> str:
    """Why it deviates: the cause, what it waits for, and the owner's own words."""
    return " · ".join(part for part in (cause_of(row), row.waits_for, row.reason) if part)


@dataclass(frozen=True)
class Shift:
    """Something that was changed in the week, as it is told."""

    what: str
    who: str
    on: dt.datetime
    values: list[tuple[str, str, str]]
    """Label, old and new value of each field."""
    reason: str
    times: str
    """"the 2nd time", of a due date that was moved before."""


def shifts(changes: Iterable[Change]) -> list[Shift]:
    return [
        Shift(
            what=f"{change.subject}: {ACTS.get(change.action, change.action)}",
            who=change.who,
            on=change.at,
            values=[
                (str(FIELDS[field.name]), _value(field.old), _value(field.new))
                for field in change.fields
                if field.name in FIELDS
            ],
            reason=change.reason,
            times=_times(change.times),
        )
        for change in changes
    ]


def _times(times) -> str:
    if not times:
        return ""
    words = npgettext("due date", "moved %d time so far", "moved %d times so far", times)
    return words % times


def _value(text) -> str:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return _short(day) if day else text or NOTHING


@dataclass(frozen=True)
class Corrected:
    """A subtask of which a later version says something else: each value old → new."""

    row: Row
    values: list[tuple[str, str, str]]


def corrected(corrections) -> list[Corrected]:
    return [Corrected(each.new, list(_differences(each.old, each.new))) for each in corrections]


def words_corrected(old: Report, new: Report) -> list[tuple[str, str, str]]:
    """What the initiating department says otherwise in a later version: label, old, new."""
    pairs = [
        (_("What happened this week"), old.summary, new.summary),
        (_("Resources to be coordinated"), _needs(old), _needs(new)),
    ]
    return [(label, was or NOTHING, now or NOTHING) for label, was, now in pairs if was != now]


def _needs(report: Report) -> str:
    return "\n".join(pair(need.department, need.what) for need in report.needs)


def _differences(old: Row, new: Row):
    pairs = [
        (_("Actual"), reported(old), reported(new)),
        (_("Deviation"), deviation(old), deviation(new)),
        (_("Reason"), because(old), because(new)),
        (_("Expected finish"), _day(old.expected_finish), _day(new.expected_finish)),
        (_("Next steps"), old.next_steps, new.next_steps),
    ]
    return ((label, was or NOTHING, now or NOTHING) for label, was, now in pairs if was != now)


def reported(row: Row) -> str:
    """How far it is, as its owner said this week; who did not say is named as such (R16)."""
    if row.is_awaited:
        return _("not reported")
    return percent(row.actual)


def _day(day) -> str:
    return _short(day) if day else ""


def _short(day) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
