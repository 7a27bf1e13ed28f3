"""The empty workbook people fill in for the import."""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from accounts.importing import COLUMNS, REQUIRED


def import_template(language: str) -> bytes:
    """An .xlsx with a sheet for departments and one for people: headers and an example row."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    titles = {"department": _("Departments"), "person": _("People")}
    for kind, title in titles.items():
        _fill(workbook.create_sheet(title), kind, language)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _fill(sheet, kind, language):
    for index, (name, about) in enumerate(COLUMNS[kind].items(), start=1):
        header = sheet.cell(1, index, about["names"][language][0])
        header.font = Font(bold=True)
        if name in REQUIRED[kind]:
            header.fill = PatternFill("solid", fgColor="EEF0FC")
        sheet.cell(2, index, about["example"][language] or None)
        column = sheet.column_dimensions[get_column_letter(index)]
        column.width = 22
        # Text, so that a login name such as 00123 keeps its zeros.
        column.number_format = "@"
    sheet.freeze_panes = "A2"
