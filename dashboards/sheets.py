"""A list as a workbook: what it was chosen by in the first row, the heads, then a row each."""

import io
from collections.abc import Iterable

from django.http import FileResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from coordination.words import pair
from deadlines.terms import Terms
from records.layout import Percent
from records.workbook import FORMULA_STARTS, clean, fill

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOLD = Font(bold=True)


def headline(subject: str, chosen: Iterable[str], person, terms: Terms) -> str:
    """What the rows are, what they were chosen by, for whom, and when."""
    moment = date_format(terms.now.astimezone(terms.zone), "DATETIME_FORMAT")
    return " · ".join([subject, *chosen, pair(_("As seen by"), person), pair(_("As of"), moment)])


def workbook(name: str, title: str, columns: dict[str, int], rows: Iterable[list]) -> io.BytesIO:
    """The .xlsx of rows, written as they come. `columns`: each head with its width.

    Text is text, figures are figures; see `records.workbook.fill`.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(clean(name))
    for place, width in enumerate(columns.values(), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _set_up_pages(sheet)
    sheet.freeze_panes = "A4"
    sheet.append([_cell(sheet, title, bold=True)])
    sheet.append([])
    sheet.append([_cell(sheet, head, bold=True) for head in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _set_up_pages(sheet):
    """Prints all columns beside each other, with the heads on every page."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", Worksheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "3:3"


def download(file: io.BytesIO, name: str) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _cell(sheet, value, *, bold=False):
    """What openpyxl is to write; a plain value where it needs no dress is ten times quicker."""
    value = clean(value) if isinstance(value, str) else value
    if isinstance(value, Percent):
        cell = WriteOnlyCell(sheet, value.number / 100)
        cell.number_format = "0%"
        return cell
    if not bold and not str(value).startswith(FORMULA_STARTS):
        return value
    cell = WriteOnlyCell(sheet)
    fill(cell, value)
    if bold:
        cell.font = BOLD
    return cell
