"""Prints HTML as PDF with WeasyPrint, which may read its own fonts and nothing else.

Importing this needs Pango (OSError without); coordination.pdf says so in words.
"""

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from coordination import fonts

SCHEME = "record-font:"


class FontsOnly(URLFetcher):
    """Hands out the vendored fonts by name; refuses every other address, files included."""

    def fetch(self, url, headers=None):
        name = url.removeprefix(SCHEME)
        if not url.startswith(SCHEME) or name not in fonts.FILES:
            raise ValueError(f"refused: {url}")
        body = (fonts.FOLDER / name).read_bytes()
        return URLFetcherResponse(url, body, {"Content-Type": "font/ttf"})


def print_page(html: str, style: str, identifier: bytes) -> bytes:
    """The PDF of a page with its CSS; `identifier` is 16 bytes."""
    fetcher = FontsOnly()
    fonts_of_page = FontConfiguration()
    sheet = CSS(string=style, url_fetcher=fetcher, font_config=fonts_of_page, base_url=None)
    page = HTML(string=html, url_fetcher=fetcher, base_url=None)
    return page.write_pdf(
        stylesheets=[sheet],
        font_config=fonts_of_page,
        pdf_identifier=identifier,
        pdf_tags=True,
    )
