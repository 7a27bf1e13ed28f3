"""The record as the paper form, in PDF."""

import hashlib

from django.template.loader import render_to_string
from django.utils.translation import override

from coordination import fonts
from coordination.pdf import page_counters, print_page
from records.canonical import canonical
from records.layout import lay_out
from records.record import TaskRecord


def render(record: TaskRecord, language: str) -> bytes:
    """The PDF of a record: the same record and language always give the same bytes.

    Raises CharacterMissing when the fonts lack a character, PdfUnavailable without Pango. Takes
    about a tenth of a second per page: never call it inside a transaction.
    """
    form = lay_out(record, language)
    fonts.require_glyphs(form.texts())
    html = _html(record, form, language)
    return print_page(html, style="records/record_pdf.css", identifier=_fingerprint(record))


def _html(record, form, language):
    moment = record.as_of or record.summary.archived_at
    page = page_counters(form.page)
    context = {"form": form, "language": language, "moment": moment, "page": page}
    with override(language):
        return render_to_string("records/record_pdf.html", context)


def _fingerprint(record):
    return hashlib.sha256(canonical(record).encode()).digest()[:16]
