"""The overview as a workbook: the rows of the page, all of them."""

import io
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from coordination.words import pair
from dashboards.sheets import headline, workbook
from dashboards.standing import Row, rows_of
from dashboards.why import why
from deadlines.terms import Terms
from records.layout import Percent

BATCH = 500
AT_MOST = 20_000
REASONS = 50


def render(tasks, chosen: list[tuple[str, str]], person, terms: Terms) -> io.BytesIO:
    """The .xlsx of the tasks in their order. What is beyond the limit is said in the first row."""
    rows = list(tasks[: AT_MOST + 1])
    words = [pair(label, value) for label, value in chosen] or [_("All running tasks")]
    if len(rows) > AT_MOST:
        words.append(_("The first %(number)d tasks only") % {"number": AT_MOST})
    title = headline(_("Overview"), words, person, terms)
    return workbook(_("Tasks"), title, _columns(), _lines(rows[:AT_MOST], terms))


def _columns() -> dict[str, int]:
    return {
        _("Status"): 11,
        _("Task number"): 16,
        _("Task name"): 34,
        _("Initiating department"): 14,
        _("Initiator"): 14,
        _("Stage"): 12,
        _("Start"): 12,
        _("End"): 12,
        _("Planned"): 10,
        _("Actual"): 10,
        _("Deviation"): 10,
        _("Subtasks"): 10,
        _("Lagging"): 10,
        _("Escalations waiting"): 12,
        pgettext("an early warning", "Since"): 17,
        _("Why"): 60,
    }


def _lines(tasks, terms) -> Iterator[list]:
    for first in range(0, len(tasks), BATCH):
        for row in rows_of(tasks[first : first + BATCH], terms):
            yield _line(row, terms)


def _line(row: Row, terms) -> list:
    task, progress = row.task, row.progress
    return [
        str(row.status_name),
        task.number,
        task.title,
        str(task.department),
        str(task.initiator),
        task.get_stage_display(),
        task.start_date,
        task.end_date,
        _percent(progress.planned),
        _percent(progress.actual),
        _percent(progress.deviation),
        progress.subtasks,
        progress.lagging,
        row.escalations,
        row.since and row.since.astimezone(terms.zone).replace(tzinfo=None, microsecond=0),
        _reasons(row.warnings),
    ]


def _reasons(warnings) -> str:
    """A cell holds 32,767 characters: the gravest, each at most some 300, and how many more."""
    words = [why(warning) for warning in warnings[:REASONS]]
    more = len(warnings) - REASONS
    return "\n".join([*words, _("and %(number)d more") % {"number": more}] if more > 0 else words)


def _percent(number: int | None) -> Percent | None:
    return None if number is None else Percent(number)
