"""What goes on paper: a page of HTML with its style, printed as PDF."""

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError


class PdfUnavailable(DomainError):
    """The system lacks Pango, which sets the text of the PDF."""

    code = "pdf_unavailable"
    message = _(
        "PDF needs the system library Pango (on Debian: apt install libpango-1.0-0 "
        "libpangoft2-1.0-0). Page and Excel work without it."
    )


def page_counters(words: str) -> SafeString:
    """The footer "Page {page} of {pages}" in the reader's language, where the style counts."""
    page, pages = mark_safe('<b class="page"></b>'), mark_safe('<b class="pages"></b>')
    return format_html(words, page=page, pages=pages)


def print_page(html: str, *, style: str, identifier: bytes) -> bytes:
    """The PDF of a page; `style` names the template of its CSS, `identifier` is 16 bytes.

    Raises PdfUnavailable without Pango. Takes about a tenth of a second per page: never call it
    inside a transaction.
    """
    try:
        from coordination import paper
    except OSError as error:
        raise PdfUnavailable from error
    return paper.print_page(html, render_to_string(style), identifier)
