"""The closed loop of an issue as a picture: five steps, each with who and when."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from coordination.words import duration, listing
from issues.choices import Grade, IssueState, Result


@dataclass(frozen=True)
class Step:
    number: int
    name: str
    status: str
    """`done`, `current` or `upcoming`."""
    notes: tuple[str, ...]
    late: str = ""
    """How late it is or was; "" when in time."""


def steps(issue, now, escalations) -> list[Step]:
    """Occurred and recorded → reported → solution → result → checked and closed."""
    reported = _reported(issue, now, escalations)
    return [_recorded(issue), reported, _solution(issue), _result(issue), _end(issue)]


def _recorded(issue):
    notes = (
        _("Occurred %(at)s") % {"at": moment(issue.occurred_at)},
        _("Recorded %(at)s by %(person)s")
        % {"at": moment(issue.recorded_at), "person": issue.recorded_by},
    )
    return Step(1, _("Occurred and recorded"), "done", notes)


def _reported(issue, now, escalations):
    name = _("Reported upwards")
    if issue.reported_at:
        late = issue.reported_late_by
        words = _("late by %(time)s") % {"time": duration(late)} if late else ""
        return Step(2, name, "done", (moment(issue.reported_at), *_known(escalations)), words)
    if issue.grade == Grade.GENERAL:
        return Step(2, name, "upcoming", (_("General: not needed"),))
    overdue = now > issue.report_due
    late = _("late by %(time)s") % {"time": duration(now - issue.report_due)} if overdue else ""
    until = _("By %(at)s at the latest") % {"at": moment(issue.report_due)}
    return Step(2, name, "current", (until,), late)


def _known(escalations) -> list[str]:
    """Which superiors have acknowledged it."""
    people = listing(e for e in escalations if e.acknowledged_at)
    if people:
        return [_("acknowledged by %(people)s") % {"people": people}]
    return [_("not acknowledged yet")] if any(e.is_open for e in escalations) else []


def _solution(issue):
    name, solution = _("Solution"), issue.last_solution
    if issue.state == IssueState.OPEN:
        notes = (_("Wanted by %(date)s") % {"date": _day(issue.next_date)},)
        if solution:
            notes = (_("Round %(number)d begins") % {"number": solution.round + 1}, *notes)
        return Step(3, name, "current", notes)
    words = {"number": solution.round, "person": solution.owner, "date": _day(solution.due_date)}
    return Step(3, name, "done", (_("Round %(number)d: %(person)s until %(date)s") % words,))


def _result(issue):
    name, solution = _("Result"), issue.last_solution
    if issue.state == IssueState.SOLVING:
        words = {"person": solution.owner, "date": _day(issue.next_date)}
        return Step(4, name, "current", (_("%(person)s answers by %(date)s") % words,))
    if issue.state == IssueState.OPEN:
        last = solution and solution.result == Result.UNSOLVED
        notes = (_("Round %(number)d: not solved") % {"number": solution.round},) if last else ()
        return Step(4, name, "upcoming", notes)
    words = {"at": moment(solution.answered_at), "person": solution.answered_by}
    return Step(4, name, "done", (_("Solved %(at)s: %(person)s") % words,))


def _end(issue):
    name = _("Checked and closed")
    if issue.is_closed:
        return Step(5, name, "done", (f"{issue.closed_by} · {moment(issue.closed_at)}",))
    if issue.state == IssueState.ANSWERED:
        words = {"department": issue.task.department, "date": _day(issue.next_date)}
        return Step(5, name, "current", (_("%(department)s checks by %(date)s") % words,))
    note = _("By %(department)s only") % {"department": issue.task.department}
    return Step(5, name, "upcoming", (note,))


def moment(instant) -> str:
    """A moment as the pages of an issue write it."""
    return date_format(localtime(instant), "SHORT_DATETIME_FORMAT")


def _day(day) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")
