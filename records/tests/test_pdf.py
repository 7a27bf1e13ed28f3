"""The PDF shows all of the record, in the form's order, and nothing that is not in it."""

import builtins
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest
from django.template.loader import render_to_string

from coordination import paper
from coordination.fonts import CharacterMissing
from coordination.paper import FontsOnly
from coordination.pdf import PdfUnavailable
from records import pdf
from records.layout import lay_out, words
from records.tests.example import RECORD, SUMMARY, data, with_text

STYLE = render_to_string("records/record_pdf.css")

needs_poppler = pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext (poppler-utils) is not installed"
)


@pytest.fixture(scope="module")
def rich():
    return pdf.render(RECORD, "zh-hans")


def text_of(body, *, spaces=False):
    """The text of a PDF, without the blanks and breaks that its columns make."""
    tool = ["pdftotext", "-raw", "-", "-"]
    text = subprocess.run(tool, input=body, capture_output=True, check=True).stdout.decode()
    return text if spaces else re.sub(r"\s", "", text)


def found(value, text):
    return re.sub(r"\s", "", words(value) if not isinstance(value, str) else value) in text


@needs_poppler
def test_every_datum_of_the_record_is_printed(rich):
    text = text_of(rich)
    assert [value for value in data(RECORD) if not found(value, text)] == []


@needs_poppler
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_five_parts_and_the_annex_follow_in_the_order_of_the_form(language):
    text = text_of(pdf.render(RECORD, language))
    form = lay_out(RECORD, language)
    headings = [re.sub(r"\s", "", part.heading) for part in form.parts]
    places = [text.index(heading) for heading in headings]
    assert len(places) == 7
    assert places == sorted(places)
    assert re.sub(r"\s", "", form.title) in text


@needs_poppler
def test_a_solved_and_an_unsolved_round_are_ticked(rich):
    text = text_of(rich)
    assert text.count("☑") == 3  # the action item, and one answer of each round
    assert text.count("☐") == 2


@needs_poppler
def test_every_page_says_its_number_of_how_many_and_the_task(rich):
    pages = text_of(rich, spaces=True).split("\f")[:-1]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        foot = re.sub(r"\s", "", page)[-60:]
        assert "2024-市场-001" in foot
        assert re.search(rf"{number}\D+{len(pages)}\D*$", foot)


@needs_poppler
def test_what_is_not_archived_says_so_and_of_when_it_is():
    open_record = replace(
        RECORD,
        stage="execution",
        as_of=SUMMARY.signed_at,
        summary=replace(SUMMARY, archived_at=None),
    )
    notice = lay_out(open_record, "zh-hans").notice
    assert "2024-11-05 09:58" in notice
    assert re.sub(r"\s", "", notice) in text_of(pdf.render(open_record, "zh-hans"))
    assert lay_out(RECORD, "zh-hans").notice == ""


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="pdffonts is not installed")
def test_only_the_own_fonts_are_used_and_all_are_embedded(rich):
    tool = ["pdffonts", "-"]
    lines = subprocess.run(tool, input=rich, capture_output=True, check=True).stdout.decode()
    fonts = [line.split() for line in lines.splitlines()[2:]]
    assert fonts
    for font in fonts:
        assert "Record" in font[0]
        assert font[-5] == "yes"  # embedded


def test_the_same_record_is_the_same_file_and_another_is_another(rich):
    assert pdf.render(RECORD, "zh-hans") == rich
    assert pdf.render(with_text("别的"), "zh-hans") != rich


@pytest.mark.parametrize("character", ["𠮷", "😀", "\u200b"])
def test_a_character_without_a_glyph_is_named_with_its_place(character):
    with pytest.raises(CharacterMissing) as error:
        pdf.render(with_text(f"姓{character}野"), "en")
    assert f"U+{ord(character):04X}" in str(error.value)
    assert repr(character) in str(error.value)
    assert "Issues and solutions / Description" in str(error.value)


@needs_poppler
def test_text_that_looks_like_html_is_text():
    hostile = "<img src=file:///etc/passwd><style>*{display:none}</style>&lt;b&gt;{{ form }}"
    text = text_of(pdf.render(with_text(hostile), "zh-hans"))
    assert re.sub(r"\s", "", hostile) in text
    assert "root:" not in text


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:8170/",
        "https://example.com/x.png",
        "data:text/plain,x",
        "ftp://example.com/x",
        "record-font:../record.py",
        "record-font:/etc/passwd",
        "record-font:",
        "RECORD-FONT:NotoSansSC-Regular.ttf",
    ],
)
def test_the_printer_reads_nothing_but_its_fonts(address):
    with pytest.raises(ValueError, match="refused"):
        FontsOnly().fetch(address)


def test_even_html_that_got_through_reads_no_file(tmp_path, monkeypatch):
    secret = tmp_path / "secret.css"
    secret.write_text("body::before { content: 'LEAKED' }")
    asked = []

    class Watched(FontsOnly):
        def fetch(self, url, headers=None):
            asked.append(url)
            return super().fetch(url, headers)

    monkeypatch.setattr(paper, "FontsOnly", Watched)
    html = f"<link rel=stylesheet href='file://{secret}'><img src='file://{secret}'><p>text</p>"
    body = paper.print_page(html, STYLE, b"0" * 16)
    assert f"file://{secret}" in asked
    assert body == paper.print_page(html.replace("secret", "absent"), STYLE, b"0" * 16)


@needs_poppler
def test_nothing_of_a_long_unbroken_text_is_cut():
    text = text_of(pdf.render(with_text("ж" * 5_000), "zh-hans"))
    assert text.count("ж") == 5_000


@needs_poppler
def test_nothing_of_a_very_tall_cell_of_a_narrow_column_is_cut():
    characters = [chr(0x5000 + number) for number in range(900)]
    conclusions = "".join(character * 6 for character in characters)
    record = replace(
        RECORD, communications=(replace(RECORD.communications[0], conclusions=conclusions),)
    )
    text = text_of(pdf.render(record, "zh-hans"))
    assert [character for character in characters if text.count(character) < 6] == []


@needs_poppler
def test_two_hundred_rows_have_the_heads_of_their_columns_on_every_page():
    record = replace(RECORD, communications=RECORD.communications * 200)
    head = lay_out(record, "zh-hans").parts[2].blocks[0].columns[4].label
    pages = text_of(pdf.render(record, "zh-hans"), spaces=True).split("\f")
    rows = [re.sub(r"\s", "", page) for page in pages if "研发部确认11月5日" in page]
    assert len(rows) > 10
    assert all(re.sub(r"\s", "", head) in page for page in rows)
    assert sum(page.count("产品功能上线时间确认") for page in rows) == 200


def test_without_pango_the_error_says_what_to_install(monkeypatch):
    real_import = builtins.__import__

    def no_pango(name, *args, **kwargs):
        if name.startswith("weasyprint"):
            raise OSError("cannot load library 'libpango-1.0-0'")
        return real_import(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "coordination.paper")
    monkeypatch.delattr("coordination.paper")
    monkeypatch.setattr(builtins, "__import__", no_pango)
    with pytest.raises(PdfUnavailable, match="libpango"):
        pdf.render(RECORD, "zh-hans")
