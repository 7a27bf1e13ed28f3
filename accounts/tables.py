"""Reads an uploaded table safely. What it is, its content decides, not its name."""

import csv
import datetime as dt
import io
import re
import zipfile
from dataclasses import dataclass
from xml.parsers import expat

import openpyxl
from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError

MAX_BYTES = 2 * 1024 * 1024
MAX_UNPACKED = 10 * 1024 * 1024
MAX_ROWS = 5500
MAX_COLUMNS = 50
MAX_SHEETS = 10
# Empty rows between the filled ones cost time as well.
MAX_LINES = 10_000
# A workbook may show one long text in every cell.
MAX_TEXT = 1000
MAX_TEXTS = 2 * 1024 * 1024
# Of XML, each a cell, a text, a style …; 5,000 people are about 150,000.
MAX_ELEMENTS = 300_000
# Each sheet may be the same part of the package, read again.
MAX_READ = 1_000_000

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


EMPTY = Cell("")


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
    reading = _Reading()
    if name.lower().endswith(".xlsx") and zipped:
        sheets = _read_workbook(data, reading)
    elif name.lower().endswith(".csv") and not zipped:
        sheets = [Sheet("CSV", reading.lines(_read_csv(data)))]
    else:
        raise UploadRefused(_("This is neither an .xlsx workbook nor a .csv table."))
    sheets = [sheet for sheet in sheets if sheet.lines]
    if not sheets:
        raise UploadRefused(_("The file is empty."))
    return sheets


class _Reading:
    """Reads the sheets of one file row by row and stops as soon as there is too much."""

    def __init__(self):
        self.filled = self.characters = 0

    def lines(self, rows) -> list[Line]:
        """The rows that are not empty."""
        lines = []
        for number, cells in enumerate(rows, start=1):
            if any(cell.text or cell.problem for cell in cells):
                lines.append(Line(number, tuple(cells)))
                self._count(cells)
            if number > MAX_LINES:
                raise UploadRefused(too_many_rows())
        return lines

    def _count(self, cells):
        self.filled += 1
        self.characters += sum(len(cell.text) for cell in cells)
        if self.filled > MAX_ROWS + MAX_SHEETS:
            raise UploadRefused(too_many_rows())
        if self.characters > MAX_TEXTS:
            raise UploadRefused(_too_much())


def too_many_rows():
    return _("The file has more than 5,000 rows. Split it.")


def _too_much():
    return _("The file holds too much to be read at once. Leave only the rows to import.")


def _why_ole(data):
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _("The workbook is protected with a password. Save it without one.")
    return _("This is an old .xls file. Save it as .xlsx.")


# Workbooks


def _read_workbook(data, reading) -> list[Sheet]:
    _check_package(data)
    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        return [Sheet(sheet.title, reading.lines(_rows_of(sheet))) for sheet in workbook.worksheets]
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
        raise UploadRefused(_("Unpacked, the file is larger than 10 MB."))
    if any(part.flag_bits & 1 for part in parts.values()):
        raise UploadRefused(_("The workbook is protected with a password. Save it without one."))
    if any(name.lower().endswith("vbaproject.bin") for name in parts):
        raise UploadRefused(_("The workbook contains macros. Save it as .xlsx without them."))
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= parts.keys():
        raise UploadRefused(_("This is neither an .xlsx workbook nor a .csv table."))
    _Census().take(package)


class _Census:
    """Counts what a workbook would cost to read, before anything is built from it.

    Whatever a part calls itself, the one parser that will read it counts it here.
    """

    def __init__(self):
        self.elements = self.sheets = self.formula = self.longest = 0

    def take(self, package) -> None:
        """Raises UploadRefused at the element that is one too many."""
        for part in package.infolist():
            try:
                with package.open(part) as stream:
                    self._parser().ParseFile(stream)
            except UploadRefused:
                raise
            except Exception:  # noqa: S112
                # A picture, or damaged: reading stops at the same place and says so.
                continue

    def _parser(self):
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._element
        return self.parser

    def _doctype(self, *_about):
        raise UploadRefused(_("The workbook is damaged and cannot be read."))

    def _element(self, name, attributes):
        name = name.rpartition(":")[2]
        self.elements += 1
        self.sheets += name == "sheet"
        if name == "f" and attributes.get("t") == "shared":
            # Written out anew in every cell that shares it.
            self.elements += self.longest // 10
        self.formula = 0
        self.parser.CharacterDataHandler = self._formula_text if name == "f" else None
        self._check()

    def _formula_text(self, text):
        self.formula += len(text)
        self.longest = max(self.longest, self.formula)

    def _check(self):
        if self.sheets > MAX_SHEETS:
            raise UploadRefused(_("The workbook has more than 10 sheets."))
        if self.elements > min(MAX_ELEMENTS, MAX_READ // max(self.sheets, 1)):
            raise UploadRefused(_too_much())


def _rows_of(sheet):
    # The size that the sheet declares may be anything.
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_col=MAX_COLUMNS):
        yield [_cell(cell.value, cell.data_type) for cell in row]


def _cell(value, data_type) -> Cell:
    if value is None:
        return EMPTY
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
    if len(value) > MAX_TEXT:
        return Cell("", str(_("The text is longer than 1,000 characters.")))
    text = " ".join(value.split())
    if CONTROL.search(text):
        return Cell("", str(_("The cell contains characters that cannot be shown.")))
    return Cell(text)


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
