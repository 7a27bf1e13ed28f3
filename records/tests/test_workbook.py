"""The workbook is the form, a sheet a part: everything in it, numbers as numbers, text as text."""

import datetime as dt
import io
import shutil
import subprocess
from dataclasses import replace
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from records import workbook
from records.layout import Percent, lay_out, words
from records.tests.example import BASICS, RECORD, SUBTASK, data, with_text
from records.workbook import TextTooLong

SOFFICE = shutil.which("soffice")


@pytest.fixture(scope="module")
def book():
    return opened(RECORD)


def opened(record, language="zh-hans"):
    return load_workbook(io.BytesIO(workbook.render(record, language)))


def cells(book):
    return [c for sheet in book for row in sheet.iter_rows() for c in row if c.value is not None]


def text_of(book):
    return "\n".join(str(cell.value) for cell in cells(book))


def test_every_datum_of_the_record_is_in_it(book):
    values = {cell.value for cell in cells(book)}
    text = text_of(book)
    progress = {87, 64, 55, 43}
    assert {number / 100 for number in progress} <= values
    missing = [
        value
        for value in data(RECORD)
        if value not in progress and as_cell(value) not in values and words(value) not in text
    ]
    assert missing == []


def as_cell(value):
    """A value as openpyxl reads it back."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    return at(value) if isinstance(value, dt.date) else value


def at(day, hour=0):
    return dt.datetime.combine(day, dt.time(hour))


def test_the_sheets_are_the_parts_of_the_form_in_its_order(book):
    assert book.sheetnames == [part.name for part in lay_out(RECORD, "zh-hans").parts]
    assert len(book.sheetnames) == 7


def test_dates_moments_numbers_and_percent_are_values_one_can_calculate_with(book):
    by_value = {cell.value: cell for cell in cells(book)}
    assert by_value[at(SUBTASK.due_date)].number_format == "yyyy-mm-dd"
    assert by_value[at(dt.date(2024, 10, 5), 14)].number_format == "yyyy-mm-dd hh:mm"
    assert by_value[0.87].number_format == "0%"
    assert by_value[2.5].data_type == "n"
    start, end = at(BASICS.start_date), at(BASICS.end_date)
    assert by_value[start].row == by_value[end].row


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3"])
def test_text_that_looks_like_a_formula_is_text(text):
    found = [c for c in cells(opened(with_text(text))) if c.value == text]
    assert [(cell.data_type, cell.quotePrefix) for cell in found] == [("s", True)]


def test_no_cell_is_a_formula_whatever_people_write():
    basics = replace(BASICS, title="=1+1", number="=2+2", background="=3+3")
    book = opened(replace(RECORD, basics=basics, organisation="=4+4"))
    assert {cell.data_type for cell in cells(book)} <= {"s", "n", "d"}


def test_control_characters_are_left_out_and_everything_else_stays():
    text = "甲\x00\x0b\x1f乙\ufffe\r\n丙 _x0041_ 😀𠮷 <b>&amp;"
    values = [c.value for c in cells(opened(with_text(text)))]
    assert "甲乙\n丙 _x005F_x0041_ 😀𠮷 <b>&amp;" in values


def test_a_text_that_a_cell_cannot_hold_is_refused_not_cut():
    with pytest.raises(TextTooLong, match="32768") as error:
        workbook.render(with_text("长" * 32_768), "en")
    assert "Issues and solutions / Description" in str(error.value)
    assert "长" * 32_767 in text_of(opened(with_text("长" * 32_767)))


def test_a_long_text_gets_the_height_it_needs():
    """A row of Excel has at most 409 points: a taller cell reaches over several rows."""
    sheet = opened(with_text("很长的文字" * 2000), "en")["Issues and solutions"]
    cell = next(c for row in sheet.iter_rows() for c in row if str(c.value).startswith("很长"))
    area = next(r for r in sheet.merged_cells.ranges if cell.coordinate in r)
    heights = [sheet.row_dimensions[n].height for n in range(area.min_row, area.max_row + 1)]
    assert max(heights) <= 409
    characters_in_a_line = 0.83 * workbook.PORTRAIT / 2
    assert sum(heights) > 10_000 / characters_in_a_line * 14


@pytest.mark.parametrize("number", ["2024-市场-001", "A&B-001"])
def test_each_sheet_prints_on_a4_with_page_and_task_number_in_its_foot(number):
    book = opened(replace(RECORD, basics=replace(BASICS, number=number)), "en")
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.left.text == number.replace("&", "&&")
        assert sheet.oddFooter.right.text == "Page &P of &N"
        assert sheet.print_area
        assert sheet.freeze_panes in ("A4", "A5")


def test_an_empty_part_says_that_nothing_was_recorded():
    empty = replace(RECORD, communications=(), issues=())
    book = opened(empty, "en")
    assert "None recorded" in text_of_sheet(book["Communication log"])
    assert "None recorded" in text_of_sheet(book["Issues and solutions"])


def text_of_sheet(sheet):
    return "\n".join(str(c.value) for row in sheet.iter_rows() for c in row if c.value)


def test_names_of_fonts_and_texts_make_a_well_formed_file():
    with ZipFile(io.BytesIO(workbook.render(RECORD, "zh-hans"))) as file:
        assert file.testzip() is None
        assert not [name for name in file.namelist() if "externalLink" in name]


@pytest.mark.skipif(not SOFFICE, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_it_and_shows_text_as_text(tmp_path):
    source = tmp_path / "record.xlsx"
    source.write_bytes(workbook.render(with_text("=1+1 _x0041_"), "zh-hans"))
    command = [
        SOFFICE,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "html",
        "--outdir",
        str(tmp_path),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    page = (tmp_path / "record.html").read_text(errors="replace")
    assert "=1+1 _x0041_" in page
    assert str(Percent(87)) in page
    assert "#VALUE!" not in page
    assert "###" not in page


def test_a_long_annex_has_the_heads_of_its_columns_on_every_page(book):
    for sheet, part in zip(
        book.worksheets[-2:], lay_out(RECORD, "zh-hans").parts[-2:], strict=True
    ):
        assert sheet.print_title_rows == "$4:$4"
        heads = [cell.value for cell in sheet[4] if cell.value]
        assert heads == [column.label for column in part.blocks[0].columns]
