"""The record as a workbook: one sheet for each part, laid out like the form."""

import datetime as dt
import io
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise

from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties

from coordination.errors import DomainError
from records.layout import Form, Grid, Part, Percent, Period, Table, Value, lay_out
from records.record import TaskRecord

LONGEST_TEXT = 32_767
# Characters that no XML file may contain.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ as A; escaped, it stays what the person wrote.
ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
FORMULA_STARTS = ("=", "+", "-", "@")

FONT = "Microsoft YaHei"
LINE_HEIGHT = 16
GAP = 8
# Excel's limit is 409 points; a taller cell is merged over several rows, so nothing is hidden.
TALLEST_ROW = 390
# A page is this many characters wide.
PORTRAIT, LANDSCAPE = 110, 165
# A label in a grid, in percent of the page.
LABEL_WIDTH = 17

LINE = Side(style="thin", color="444444")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
SHADE = PatternFill("solid", fgColor="EDF0F3")
DARKER_SHADE = PatternFill("solid", fgColor="DDE3E9")
FORMATS = {dt.datetime: "yyyy-mm-dd hh:mm", dt.date: "yyyy-mm-dd", Percent: "0%"}


class TextTooLong(DomainError):
    """A cell of Excel holds 32,767 characters, and nothing may be cut."""

    code = "text_too_long"
    message = _("%(where)s: %(count)d characters, but a cell of Excel holds 32,767. Take the PDF.")


@dataclass(frozen=True)
class Look:
    size: int = 10
    bold: bool = False
    fill: PatternFill | None = None
    boxed: bool = True
    across: str = "left"
    down: str = "top"


TITLE = Look(size=16, bold=True, boxed=False, across="center", down="center")
SUBTITLE = Look(boxed=False, across="center", down="center")
HEADING = Look(size=12, bold=True, boxed=False, down="center")
BLOCK_TITLE = Look(bold=True, fill=DARKER_SHADE, down="center")
COLUMN_LABEL = Look(bold=True, fill=SHADE, across="center", down="center")
LABEL = Look(bold=True, fill=SHADE, down="center")
VALUE = Look(down="center")
LIST_VALUE = Look()
NUMBER = Look(across="center")
PERIOD = Look(across="center", down="center")


@dataclass(frozen=True)
class Cell:
    """A value from `left` to `right`, in percent of the page's width as in the layout."""

    left: int
    right: int
    value: Value
    look: Look = VALUE


def render(record: TaskRecord, language: str) -> bytes:
    """The .xlsx of a record. Raises TextTooLong rather than cut a text."""
    form = lay_out(record, language)
    _check_lengths(form)
    book = Workbook()
    book.remove(book.active)
    _describe(book, record, form)
    for part in form.parts:
        _write_sheet(book.create_sheet(part.name), form, part)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _check_lengths(form):
    for where, text in form.texts():
        if len(text) > LONGEST_TEXT:
            raise TextTooLong(TextTooLong.message % {"where": where, "count": len(text)})


def _describe(book, record, form):
    moment = record.as_of or record.summary.archived_at
    book.properties.title = clean(f"{form.number} {form.title}")
    book.properties.creator = clean(form.organisation)
    if moment:
        book.properties.created = moment.astimezone(dt.UTC).replace(tzinfo=None)


def _write_sheet(sheet, form: Form, part: Part):
    rows = [*_heading(form, part), *_rows(form, part)]
    width = LANDSCAPE if part.landscape else PORTRAIT
    edges = sorted({edge for row in rows for cell in row for edge in (cell.left, cell.right)})
    columns = {edge: number for number, edge in enumerate(edges, start=1)}
    for left, right in pairwise(edges):
        letter = get_column_letter(columns[left])
        sheet.column_dimensions[letter].width = (right - left) * width / 100
    place = 1
    for row in rows:
        place = _write_row(sheet, place, row, columns, width)
    _set_page(sheet, form, part, f"A1:{get_column_letter(len(edges) - 1)}{place - 1}")


def _heading(form, part) -> list[list[Cell]]:
    line = [form.organisation, f"{form.number_label} {form.number}", form.notice]
    return [
        [Cell(0, 100, form.title, TITLE)],
        [Cell(0, 100, "    ".join(filter(None, line)), SUBTITLE)],
        [Cell(0, 100, part.heading, HEADING)],
    ]


def _rows(form, part) -> Iterator[list[Cell]]:
    """The rows of a part; an empty one is the gap between two blocks."""
    for number, block in enumerate(part.blocks):
        if number:
            yield []
        if block.title:
            yield [Cell(0, 100, block.title, BLOCK_TITLE)]
        yield from _grid(block) if block.is_grid else _table(block, form.nothing)


def _grid(grid: Grid):
    for fields in grid.fields:
        row = []
        for left, field in zip((0, 50), fields, strict=False):
            right = left + 50 if len(fields) > 1 else 100
            row.append(Cell(left, left + LABEL_WIDTH, field.label, LABEL))
            row += _period(left + LABEL_WIDTH, right, field.value)
        yield row


def _period(left, right, value):
    """A period as two real dates with a word between them; any other value as one cell."""
    if not isinstance(value, Period):
        return [Cell(left, right, value)]
    return [
        Cell(left, left + 13, value.start, PERIOD),
        Cell(left + 13, left + 20, value.between, PERIOD),
        Cell(left + 20, right, value.end, PERIOD),
    ]


def _table(table: Table, nothing):
    edges = list(accumulate((column.width for column in table.columns), initial=0))
    places = list(pairwise(edges))
    yield [
        Cell(*place, column.label, COLUMN_LABEL)
        for place, column in zip(places, table.columns, strict=True)
    ]
    for fields in table.fields:
        yield [
            Cell(*place, field.value, NUMBER if field.is_number else LIST_VALUE)
            for place, field in zip(places, fields, strict=True)
        ]
    if not table.rows:
        yield [Cell(0, 100, nothing, SUBTITLE)]


def _write_row(sheet, place, row, columns, width) -> int:
    """Writes one row of the form from sheet row `place`; returns the sheet row after it."""
    height = max((_height(cell, width) for cell in row), default=GAP)
    count = math.ceil(height / TALLEST_ROW)
    for number in range(place, place + count):
        sheet.row_dimensions[number].height = height / count
    for cell in row:
        area = {
            "start_row": place,
            "end_row": place + count - 1,
            "start_column": columns[cell.left],
            "end_column": columns[cell.right] - 1,
        }
        _write_cell(sheet, area, cell)
    return place + count


def _write_cell(sheet, area, cell):
    tall = area["end_row"] > area["start_row"]
    look = replace(cell.look, down="top") if tall else cell.look
    for row in range(area["start_row"], area["end_row"] + 1):
        for column in range(area["start_column"], area["end_column"] + 1):
            _dress(sheet.cell(row, column), look)
    first = sheet.cell(area["start_row"], area["start_column"])
    fill(first, cell.value)
    if (area["start_row"], area["start_column"]) != (area["end_row"], area["end_column"]):
        sheet.merge_cells(**area)


def _dress(target, look):
    target.alignment = Alignment(look.across, look.down, wrap_text=True)
    target.font = Font(FONT, look.size, bold=look.bold)
    if look.fill:
        target.fill = look.fill
    if look.boxed:
        target.border = BOX


def fill(target, value: Value) -> None:
    """Puts a value into a cell of openpyxl: dates and numbers as themselves; text as text, whatever
    it looks like."""
    target.number_format = FORMATS.get(type(value), "General")
    if isinstance(value, str):
        text = clean(value)
        target.value = text
        target.data_type = "s"
        target.number_format = "@"
        target.quotePrefix = text.startswith(FORMULA_STARTS)
        return
    target.value = value.number / 100 if isinstance(value, Percent) else value
    # Wrapped, a narrow number or date shows as ####.
    target.alignment = Alignment(
        target.alignment.horizontal, target.alignment.vertical, shrink_to_fit=True
    )


def clean(text: str) -> str:
    """The text without what no workbook may hold, and not read as anything but itself."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return ESCAPE_LIKE.sub("_x005F_", text)


def _height(cell, width):
    """Points that the wrapped text needs, rather too many than too few."""
    scale = cell.look.size / 10
    room = max((cell.right - cell.left) * width / 100 - 1, 1) / scale
    texts = cell.value.split("\n") if isinstance(cell.value, str) else [""]
    lines = sum(max(1, math.ceil(_units(text) / room)) for text in texts)
    return lines * LINE_HEIGHT * scale + 4


def _units(line):
    """A line's width in digits; Chinese characters are two wide, a Latin word may wrap early."""
    wide = sum(unicodedata.east_asian_width(character) in "WFA" for character in line)
    return 2 * wide + 1.1 * (len(line) - wide)


def _set_page(sheet, form, part, area):
    heads = 4 if not (part.blocks[0].is_grid or part.blocks[0].title) else 3
    sheet.freeze_panes = f"A{heads + 1}"
    sheet.print_title_rows = f"{heads}:{heads}"
    sheet.print_area = area
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape" if part.landscape else "portrait"
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToHeight = 0
    sheet.print_options.horizontalCentered = True
    sheet.page_margins = PageMargins(0.45, 0.45, 0.5, 0.6, 0.3, 0.3)
    sheet.oddFooter.left.text = form.number.replace("&", "&&")
    sheet.oddFooter.right.text = form.page.format(page="&P", pages="&N")
    sheet.sheet_view.showGridLines = False
