"""Reads an uploaded table safely. What it is, its content decides, not its name."""

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass

import openpyxl
from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 30 * 1024 * 1024
MAX_ROWS = 5000
MAX_COLUMNS = 50
MAX_SHEETS = 10
# Empty rows between the filled ones cost time as well.
MAX_LINES = 50_000

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class UploadRefused(DomainError):
    """The file cannot be read at all; the message says why."""

    code = "upload_refused"

    def __init__(self, message):
        super().__init__(message, field="file")


@dataclass(frozen=True)
class Cell:
    """One cell as a line of text; `problem` says why its content cannot be taken."""

    text: str
    problem: str = ""


@dataclass(frozen=True)
class Line:
    """A row that is not empty; `number` is what the spreadsheet shows beside it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """`lines` are the rows that are not empty, the first being the header."""

    name: str
    lines: list[Line]


def read_tables(name: str, data: bytes) -> list[Sheet]:
    """The filled sheets of an .xlsx or .csv file (UTF-8 or GB18030). Raises UploadRefused."""
    if data.startswith(OLE):
        raise UploadRefused(_why_ole(data))
    zipped = data.startswith(b"PK\x03\x04")
    if name.lower().endswith(".xlsx") and zipped:
        sheets = _read_workbook(data)
    elif name.lower().endswith(".csv") and not zipped:
        sheets = [Sheet("CSV", _lines(_read_csv(data)))]
    else:
        raise UploadRefused(_("This is neither an .xlsx workbook nor a .csv table."))
    sheets = [sheet for sheet in sheets if sheet.lines]
    if not sheets:
        raise UploadRefused(_("The file is empty."))
    if sum(len(sheet.lines) - 1 for sheet in sheets) > MAX_ROWS:
        raise UploadRefused(_too_many_rows())
    return sheets


def _too_many_rows():
    return _("The file has more than 5,000 rows. Split it.")


def _why_ole(data):
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _("The workbook is protected with a password. Save it without one.")
    return _("This is an old .xls file. Save it as .xlsx.")


# Workbooks


def _read_workbook(data) -> list[Sheet]:
    _check_package(data)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        if len(workbook.worksheets) > MAX_SHEETS:
            raise UploadRefused(_("The workbook has more than 10 sheets."))
        return [Sheet(sheet.title, _lines(_rows_of(sheet))) for sheet in workbook.worksheets]
    except UploadRefused:
        raise
    except Exception as error:
        # A damaged or hostile workbook fails in the parser in any way it likes.
        raise UploadRefused(_("The workbook is damaged and cannot be read.")) from error


def _check_package(data) -> None:
    """Refuses what must not be unpacked: bombs, encrypted parts, macros, other kinds of zip."""
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise UploadRefused(_("The workbook is damaged and cannot be read.")) from error
    parts = {part.filename: part for part in package.infolist()}
    if sum(part.file_size for part in package.infolist()) > MAX_UNPACKED:
        raise UploadRefused(_("Unpacked, the file is larger than 30 MB."))
    if any(part.flag_bits & 1 for part in parts.values()):
        raise UploadRefused(_("The workbook is protected with a password. Save it without one."))
    if any(name.lower().endswith("vbaproject.bin") for name in parts):
        raise UploadRefused(_("The workbook contains macros. Save it as .xlsx without them."))
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= parts.keys():
        raise UploadRefused(_("This is neither an .xlsx workbook nor a .csv table."))


def _rows_of(sheet):
    # The size that the sheet declares may be anything.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_col=MAX_COLUMNS):
        yield [_cell(cell.value, cell.data_type) for cell in row]


def _cell(value, data_type) -> Cell:
    if value is None:
        return Cell("")
    if data_type == "f":
        return Cell("", str(_("A formula stands here; enter its result.")))
    if data_type == "e":
        return Cell("", str(_("The cell shows an error.")))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    return _text(str(value))


def _text(value: str) -> Cell:
    text = " ".join(value.split())
    if CONTROL.search(text):
        return Cell("", str(_("The cell contains characters that cannot be shown.")))
    return Cell(text)


def _lines(rows) -> list[Line]:
    """The rows that are not empty; stops as soon as there are too many."""
    lines = []
    for number, cells in enumerate(rows, start=1):
        if any(cell.text or cell.problem for cell in cells):
            lines.append(Line(number, tuple(cells)))
        if len(lines) > MAX_ROWS + 1 or number > MAX_LINES:
            raise UploadRefused(_too_many_rows())
    return lines


# CSV


def _read_csv(data):
    text = _decode(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [_csv_cell(value) for value in row[:MAX_COLUMNS]]
    except csv.Error as error:
        raise UploadRefused(_("The table is damaged and cannot be read.")) from error


def _csv_cell(value) -> Cell:
    if value.lstrip().startswith("="):
        return Cell("", str(_("A formula stands here; enter its result.")))
    return _text(value)


def _decode(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", text):
            return text
    raise UploadRefused(_("The file is not a text in UTF-8 or GB18030."))
