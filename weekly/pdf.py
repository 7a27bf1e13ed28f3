"""A version of a weekly report on paper: the same content as its page and its mail."""

import hashlib
from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Organisation
from coordination.charts import Chart
from coordination.fonts import spelled_out
from coordination.pdf import print_page
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
        "page": _page_words(),
    }
    html = spelled_out(render_to_string("weekly/report_pdf.html", context))
    fingerprint = hashlib.sha256(html.encode()).digest()[:16]
    return print_page(html, style="weekly/report_pdf.css", identifier=fingerprint)


def _page_words():
    """The counters stand in CSS; the text around them is the translator's."""
    words = _("Page {page} of {pages}")
    return mark_safe(words.format(page='<b class="page"></b>', pages='<b class="pages"></b>'))  # noqa: S308
