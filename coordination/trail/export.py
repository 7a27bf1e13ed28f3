"""The entries found as a file: Excel or CSV, with the last seal on it."""

import csv
import io
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.models import Event, Seal
from coordination.templatetags.history import changes, what_happened
from coordination.trail.search import kind_in_words
from coordination.words import pair
from dashboards.sheets import XLSX, workbook
from records.workbook import LONGEST_TEXT, clean
from tasks.models import Task

AT_MOST = 20_000
BATCH = 500
# What a spreadsheet takes for the beginning of a formula, a Chinese or Japanese one too.
DANGEROUS = ("=", "+", "-", "@", "\t", "\n", "\r", "＝", "＋", "－", "＠")


def headline(chosen: list[tuple[str, str]], seal: Seal, person, now, is_cut: bool) -> str:
    """What the rows are, what they were chosen by, for whom, when, under which seal."""
    moment = date_format(timezone.localtime(now), "DATETIME_FORMAT")
    words = [_("History"), *(pair(label, value) for label, value in chosen)]
    if is_cut:
        words.append(_("The newest %(number)d entries only") % {"number": AT_MOST})
    words += [pair(_("As seen by"), person), pair(_("As of"), moment)]
    return " · ".join([*words, pair(_("Last seal"), seal)])


def as_workbook(title: str, events: Iterable[Event]) -> tuple[bytes, str]:
    """The file and its media type."""
    return workbook(_("History"), title, columns(), lines(events)).getvalue(), XLSX


def as_csv(title: str, events: Iterable[Event]) -> tuple[bytes, str]:
    """The file, with the mark that tells Excel its encoding, and its media type."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(title)])
    writer.writerow(columns())
    writer.writerows([harmless(value) for value in line] for line in lines(events))
    return text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"


FORMATS = {"xlsx": as_workbook, "csv": as_csv}


def harmless(value):
    """Text that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    value = clean(value)
    return f"'{value}" if value.startswith(DANGEROUS) else value


def columns() -> dict[str, int]:
    """Each head with its width."""
    return {
        _("Entry no."): 10,
        pgettext("of an entry in the history", "Time"): 20,
        pgettext("who did it", "Person"): 14,
        _("In place of"): 14,
        _("What happened"): 44,
        _("Kind of subject"): 16,
        _("Subject"): 34,
        _("Task number"): 18,
        pgettext("of an entry in the history", "Changes"): 60,
        _("Reason"): 40,
    }


def lines(events: Iterable[Event]) -> Iterator[list]:
    events = list(events)
    for first in range(0, len(events), BATCH):
        batch = events[first : first + BATCH]
        ids = {event.task_id for event in batch if event.task_id}
        numbers = dict(Task.objects.filter(pk__in=ids).values_list("pk", "number"))
        for event in batch:
            yield _line(event, numbers.get(event.task_id))


def _line(event, number) -> list:
    return [
        event.pk,
        f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}",
        event.actor_name or _("The system"),
        event.in_place_of,
        what_happened(event),
        kind_in_words(event.subject_type),
        event.subject_label,
        number or "",
        _within_a_cell("\n".join(_change(change) for change in changes(event))),
        _within_a_cell(event.reason),
    ]


def _change(change) -> str:
    return pair(change.label, " → ".join(filter(None, [change.old, change.new])))


def _within_a_cell(text) -> str:
    """A cell of Excel holds 32,767 characters; what is longer says that it goes on."""
    return text if len(text) < LONGEST_TEXT else text[: LONGEST_TEXT - 100] + " […]"
