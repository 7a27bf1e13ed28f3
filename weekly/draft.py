"""What stands there already when a week is rolled up: drafted from the week's own facts (R17)."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from coordination.words import listing, pair
from tasks.choices import Cause
from weekly.report import Need, Promise, Report, Row, waited_for
from weekly.wording import because

WIDEST = 300
"""Characters of a request (weekly.forms.NeedForm)."""


def summary_of(report: Report) -> str:
    """A line for what was finished, what was agreed, which issues came and went, and what lags."""
    finished = [each.subject for each in report.changes if each.action == "subtask.finished"]
    agreed = [pair(talk.topic, talk.conclusions) for talk in report.talks if talk.conclusions]
    begun = report.week
    new = [p.description for p in report.problems if p.opened_on >= begun]
    closed = [p.description for p in report.problems if p.closed_on]
    lines = [
        *_line(_("Finished"), finished),
        *agreed,
        *_line(_("New issues"), new),
        *_line(_("Issues closed"), closed),
        *_line(_("Lagging"), [row.name for row in report.lagging]),
    ]
    return "\n".join(lines)


def _line(label, names):
    return [pair(label, listing(dict.fromkeys(names)))] if names else []


def needs_of(
    report: Report, departments: Mapping[str, int], told: Iterable[Need] = ()
) -> list[dict]:
    """A line for every request of the last version and for each other subtask that lags: what it
    waits for and from whom, else its cause, as far as that is known.

    `departments`: the ids of those who can be asked, by name.
    """
    there = {None, *(row.subtask for row in report.rows)}
    told = [need for need in told if need.subtask in there]
    lines = [_need(need.subtask, need.what, departments.get(need.department)) for need in told]
    named = {need.subtask for need in told}
    return lines + [
        _of_row(report, row, departments) for row in report.lagging if row.subtask not in named
    ]


def _of_row(report, row, departments):
    promise = _promise_for(report, row)
    if promise is None:
        return _need(row.subtask, because(row), None)
    what = " · ".join(filter(None, (promise.what, row.reason)))
    return _need(row.subtask, what, departments.get(promise.department))


def _promise_for(report: Report, row: Row) -> Promise | None:
    """The support that its owner named as the cause, else one that is late, else, when it waits
    for another department, the one that is wanted first.
    """
    own = [promise for promise in report.promises if promise.subtask == row.subtask]
    named = [p for p in own if waited_for(p.department, p.what) == row.waits_for]
    late = [p for p in own if p.is_late]
    wanted = own if row.cause == Cause.WAITING else []
    return next(iter([*named, *late, *wanted]), None)


def _need(subtask, what, department):
    return {"subtask": subtask, "what": what[:WIDEST], "department": department}
