"""A version of a weekly report on paper: the same content as its page and its mail."""

import hashlib
from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Organisation
from coordination.charts import Chart
from coordination.fonts import spelled_out
from coordination.pdf import page_counters, print_page
from weekly.contents import contents
from weekly.models import Reading, WeeklyReport


def render(
    version: WeeklyReport,
    before: WeeklyReport | None,
    *,
    chart: Chart,
    readings: Iterable[Reading],
    organisation: Organisation,
    now,
) -> bytes:
    """The PDF of a version, in the active language.

    `before` is the version it follows; `chart` (the course of the task) and who has read it are as
    known `now`. Raises PdfUnavailable; never call it inside a transaction.
    """
    context = contents(version, before) | {
        "chart": chart,
        "readings": list(readings),
        "organisation": organisation,
        "language": get_language(),
        "now": now,
        "page": page_counters(_("Page {page} of {pages}")),
    }
    html = spelled_out(render_to_string("weekly/report_pdf.html", context))
    fingerprint = hashlib.sha256(html.encode()).digest()[:16]
    return print_page(html, style="weekly/report_pdf.css", identifier=fingerprint)
