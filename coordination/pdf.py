"""What goes on paper: a page of HTML with its style, printed as PDF."""

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError


class PdfUnavailable(DomainError):
    """The system lacks Pango, which sets the text of the PDF."""

    code = "pdf_unavailable"
    message = _(
        "PDF needs the system library Pango (on Debian: apt install libpango-1.0-0 "
        "libpangoft2-1.0-0). Page and Excel work without it."
    )


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
