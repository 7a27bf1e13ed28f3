"""The import: nothing before acceptance, all or nothing, and hostile files are refused."""

import contextlib
import io
import re
import time
import uuid
import zipfile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import importing
from accounts.models import Department, PendingImport, User
from accounts.services import people
from accounts.tables import UploadRefused, read_tables
from accounts.template_file import import_template
from audit.models import Event

NOW = timezone.now()
PEOPLE = ["姓名", "登录名", "邮箱", "职务", "部门", "主部门", "是否负责人"]
DEPARTMENTS = ["部门全称", "部门简称", "上级部门", "负责人"]


def workbook(**sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def table(*rows, encoding="utf-8-sig") -> bytes:
    return "\r\n".join(",".join(row) for row in rows).encode(encoding)


def rehearse(cast, data, name="a.xlsx"):
    rows, _ignored = importing.read_rows(name, data)
    return importing.rehearse(rows, by=cast.admin, now=NOW)


def outcomes(rows):
    return [row.outcome for row in rows]


FULL = workbook(
    部门=[
        DEPARTMENTS,
        ["渠道组", "渠道", "渠道部", "wang"],
        ["渠道部", "渠", "销售部", "韩梅"],
        ["市场部", "市场", "", ""],
    ],
    人员=[
        PEOPLE,
        ["王芳", "wang", "wang@example.com", "经理", "渠道组、销售部", "渠道组", ""],
        ["韩梅", "han", "", "", "渠道部", "", "是"],
        ["专员H", "专员H", "", "资深专员", "市场，客服部", "", "否"],
        ["经理D", "经理D", "", "", "市场部", "市场部", "是"],
    ],
)


def upload(client, data, name="people.xlsx"):
    return client.post("/organisation/import/", {"file": SimpleUploadedFile(name, data)})


def test_the_preview_says_what_happens_and_stores_nothing(cast, sign_in):
    client = sign_in(cast.admin)
    before = User.objects.count(), Department.objects.count(), Event.objects.count()
    response = upload(client, FULL)
    assert response["Location"] == "/organisation/import/preview/"
    assert (User.objects.count(), Department.objects.count(), Event.objects.count()) == before
    page = client.get("/organisation/import/preview/")
    assert page.context["counts"] == {"error": 0, "new": 4, "changed": 1, "unchanged": 2}
    changed = client.get("/organisation/import/preview/?show=changed").content.decode()
    assert "资深专员" in changed


def test_what_was_shown_is_stored_through_the_services(cast, sign_in):
    client = sign_in(cast.admin)
    upload(client, FULL)
    assert client.post("/organisation/import/store/").status_code == 302
    group = Department.objects.get(name="渠道组")
    wang, han = User.objects.get(username="wang"), User.objects.get(username="han")
    assert (group.parent.name, group.head) == ("渠道部", wang)
    assert Department.objects.get(name="渠道部").head == han
    assert (wang.main_department, wang.memberships.count()) == (group, 2)
    assert not wang.has_usable_password()
    staff = User.objects.get(pk=cast.market_staff.pk)
    assert (staff.title, staff.main_department) == ("资深专员", cast.market)
    assert Event.objects.about(staff).get().changes == {
        "title": ["", "资深专员"],
        "memberships": [["市场部"], ["市场部", "客服部"]],
    }
    assert not PendingImport.objects.exists()
    again = rehearse(cast, FULL)
    assert set(outcomes(again)) == {"unchanged"}


def test_a_second_acceptance_stores_nothing_twice(cast, sign_in):
    client = sign_in(cast.admin)
    upload(client, FULL)
    client.post("/organisation/import/store/")
    events = Event.objects.count()
    assert client.post("/organisation/import/store/").status_code == 302
    assert Event.objects.count() == events


def test_what_changed_since_the_preview_is_shown_first(cast, sign_in):
    client = sign_in(cast.admin)
    upload(client, FULL)
    people.create_person(by=cast.admin, now=NOW, username="wang", name="别人")
    response = client.post("/organisation/import/store/")
    assert response["Location"] == "/organisation/import/preview/"
    assert not Department.objects.filter(name="渠道部").exists()
    page = client.get("/organisation/import/preview/?show=changed")
    assert page.context["counts"]["changed"] == 2
    client.post("/organisation/import/store/")
    assert User.objects.get(username="wang").name == "王芳"


def test_a_file_with_errors_is_not_stored(cast, sign_in):
    client = sign_in(cast.admin)
    upload(client, table(PEOPLE[:2], ["李雷", "li"], ["", "han"]), "a.csv")
    page = client.get("/organisation/import/preview/")
    assert page.context["counts"] == {"error": 1, "new": 1, "changed": 0, "unchanged": 0}
    assert "姓名" in page.content.decode()
    client.post("/organisation/import/store/")
    assert not User.objects.filter(username="li").exists()


def test_a_discarded_file_is_gone(cast, sign_in):
    client = sign_in(cast.admin)
    upload(client, FULL)
    client.post("/organisation/import/discard/")
    assert client.get("/organisation/import/preview/").status_code == 302
    assert not User.objects.filter(username="wang").exists()


def test_the_preview_is_the_uploaders_own(cast, sign_in):
    upload(sign_in(cast.admin), FULL)
    cast.director.is_staff = True
    cast.director.save()
    assert sign_in(cast.director).get("/organisation/import/preview/").status_code == 302


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_are_read_in_the_encodings_people_have(cast, encoding):
    data = table(PEOPLE[:5], ["李雷", "li", "", "", "市场部;销售"], encoding=encoding)
    [row] = rehearse(cast, data, "a.CSV")
    assert (row.outcome, row.values["departments"]) == ("new", "市场部;销售")


def test_columns_are_known_in_english_too(cast):
    data = table(["Name", "Login name", "Department", "Note"], ["Li Lei", "li", "市场部", "x"])
    rows, ignored = importing.read_rows("a.csv", data)
    assert (rows[0].kind, ignored) == ("person", ["CSV: Note"])


@pytest.mark.parametrize(
    ("row", "column", "word"),
    [
        (["李雷", "li", "kein-mail", "", "", "", ""], "邮箱", ""),
        (["李雷", "li lei", "", "", "", "", ""], "登录名", ""),
        (["", "li", "", "", "", "", ""], "姓名", ""),
        (["李雷", "", "", "", "", "", ""], "登录名", ""),
        (["李" * 101, "li", "", "", "", "", ""], "姓名", "100"),
        (["李雷", "li", "", "", "火星部", "", ""], "部门", "火星部"),
        (["李雷", "li", "", "", "市场部", "销售部", ""], "主部门", ""),
        (["李雷", "li", "", "", "市场部", "", "也许"], "是否负责人", ""),
        (["李雷", "li", "", "", "", "", "是"], "是否负责人", ""),
        (["李雷", "li", "=1+1", "", "", "", ""], "邮箱", ""),
        (["工程师F", "工程师F", "", "", "市场部", "", ""], "部门", "研发部"),
        (["经理D", "经理D", "", "", "市场部、销售部", "", ""], "", None),
    ],
)
def test_an_error_names_its_row_and_column(cast, row, column, word):
    [found] = rehearse(cast, workbook(人员=[PEOPLE, row]))
    if word is None:
        assert found.outcome == "changed"
        return
    assert (found.sheet, found.number, found.outcome) == ("人员", 2, "error")
    assert found.problems[0][0] == column
    assert word in found.problems[0][1]


def test_the_same_person_or_department_twice_is_an_error(cast):
    rows = rehearse(
        cast,
        workbook(
            部门=[DEPARTMENTS[:2], ["新部", "新"], ["新部", "新二"], ["三部", "新"]],
            人员=[PEOPLE[:2], ["李雷", "li"], ["李雷", "li"]],
        ),
    )
    assert outcomes(rows) == ["new", "error", "error", "new", "error"]


def test_cycles_are_found_inside_the_file_and_with_what_is_there(cast):
    rows = rehearse(
        cast,
        workbook(
            部门=[
                DEPARTMENTS[:3],
                ["甲部", "甲", "乙部"],
                ["乙部", "乙", "甲"],
                ["丙部", "丙", "丙部"],
                ["总经办", "总办", "市场部"],
            ]
        ),
    )
    assert outcomes(rows) == ["error"] * 4
    assert {row.problems[0][0] for row in rows} == {"上级部门"}


def test_two_heads_of_one_department_are_an_error(cast):
    rows = rehearse(
        cast,
        workbook(
            人员=[
                ["姓名", "登录名", "部门", "是否负责人"],
                ["李雷", "li", "市场部", "是"],
                ["韩梅", "han", "市场部", "是"],
            ]
        ),
    )
    assert outcomes(rows) == ["new", "error"]


def test_numbers_and_zeros_are_texts(cast):
    rows = rehearse(cast, workbook(人员=[PEOPLE[:2], ["李雷", 10086], ["韩梅", "00123"]]))
    assert [row.values["username"] for row in rows] == ["10086", "00123"]


def test_the_template_can_be_filled_in_and_read_back(cast):
    for language in ("zh-hans", "en"):
        rows, ignored = importing.read_rows("t.xlsx", import_template(language))
        assert ([row.kind for row in rows], ignored) == (["department", "person"], [])


# Hostile and broken files


def zipped(**parts) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/"), content)
    return file.getvalue()


def with_part(data, name, content) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return file.getvalue()


def replaced(data, name, change) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return file.getvalue()


def encrypted(data) -> bytes:
    """Sets the flag of encryption in the directory of the package."""
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


SMALL = workbook(人员=[PEOPLE[:2], ["李雷", "li"]])
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def with_rows(rows) -> bytes:
    """The workbook with these rows in its sheet, and nothing else."""
    sheet = b"<worksheet %s><sheetData>%s</sheetData></worksheet>" % (MAIN, rows)
    return replaced(SMALL, "xl/worksheets/sheet1.xml", lambda _xml: sheet)


LONG = b'<c t="inlineStr"><is><t>%s</t></is></c>' % (b"x" * 900)
SHEET = re.compile(rb"<sheet .*?/>")
FORMULA = b"A1+" * 2700 + b"A1"
SHARED = (
    b'<row><c r="A1"><f t="shared" si="0">%s</f></c></row>' % FORMULA
    + b'<row><c r="B1"><f t="shared" si="0"/></c></row>' * 5000
)
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
HOSTILE = {
    "a picture": ("a.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    "a picture as a table": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)),
    "a PDF": ("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\x00\x01"),
    "a table named workbook": ("a.xlsx", table(PEOPLE)),
    "a workbook named table": ("a.csv", SMALL),
    "another ending": ("a.exe", SMALL),
    "any zip": ("a.xlsx", zipped(readme="hello")),
    "an old or protected workbook": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "an encrypted part": ("a.xlsx", encrypted(SMALL)),
    "macros": ("a.xlsx", with_part(SMALL, "xl/vbaProject.bin", b"x")),
    "a bomb": ("a.xlsx", with_part(SMALL, "xl/media/x", bytes(11 * 1024 * 1024))),
    "half a workbook": ("a.xlsx", SMALL[: len(SMALL) // 2]),
    "entities": (
        "a.xlsx",
        replaced(
            SMALL,
            "xl/worksheets/sheet1.xml",
            lambda xml: LAUGHS + xml,
        ),
    ),
    "a million empty cells": ("a.xlsx", with_rows(b"<row>" + b"<c/>" * 1_000_000 + b"</row>")),
    "a million empty rows": ("a.xlsx", with_rows(b"<row/>" * 1_000_000)),
    "a million empty texts": (
        "a.xlsx",
        with_part(
            SMALL, "xl/sharedStrings.xml", b"<sst %s>%s</sst>" % (MAIN, b"<si/>" * 1_000_000)
        ),
    ),
    "a long formula shared by all": ("a.xlsx", with_rows(SHARED)),
    "a long text in every cell": (
        "a.xlsx",
        with_rows((b"<row>" + LONG * 20 + b"</row>") * 120),
    ),
    "the same sheet eleven times": (
        "a.xlsx",
        replaced(SMALL, "xl/workbook.xml", lambda xml: SHEET.sub(rb"\g<0>" * 11, xml)),
    ),
    "too many departments": (
        "a.csv",
        table(DEPARTMENTS[:2], *([f"部{n}", f"{n}"] for n in range(501))),
    ),
    "no XML": ("a.xlsx", replaced(SMALL, "xl/workbook.xml", lambda xml: b"nonsense")),
    "nothing": ("a.csv", b""),
    "only a header": ("a.csv", table(PEOPLE)),
    "other columns": ("a.csv", table(["a", "b"], ["1", "2"])),
    "a column missing": ("a.csv", table(["姓名", "邮箱"], ["李雷", ""])),
    "a column twice": ("a.csv", table(["姓名", "登录名", "登录名"], ["李雷", "a", "b"])),
    "ten thousand rows": (
        "a.csv",
        table(PEOPLE[:2], *([f"人{n}", f"p{n}"] for n in range(10_000))),
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_cannot_be_taken_is_refused_with_the_reason(cast, sign_in, what):
    name, data = HOSTILE[what]
    response = upload(sign_in(cast.admin), data, name)
    assert response.status_code == 422
    assert response.context["form"].errors["file"]
    assert not PendingImport.objects.exists()


def test_a_file_of_more_than_two_megabytes_is_refused(cast, sign_in):
    response = upload(sign_in(cast.admin), b"a" * (2 * 1024 * 1024 + 1), "a.csv")
    assert response.status_code == 422


def test_what_costs_too_much_to_read_is_refused_before_anything_is_built():
    for what, (name, data) in HOSTILE.items():
        start = time.process_time()
        with contextlib.suppress(UploadRefused):
            read_tables(name, data)
        assert time.process_time() - start < 2, what


def test_a_workbook_may_be_as_large_as_is_allowed():
    everything = ["经理", "市场部", "市场部", "否"]
    people = [[f"人{n}", f"p{n}", f"p{n}@example.com", *everything] for n in range(5000)]
    rows, _ignored = importing.read_rows("a.xlsx", workbook(人员=[PEOPLE, *people]))
    assert len(rows) == 5000


def test_a_text_too_long_for_any_field_is_named_not_kept(cast):
    [row] = rehearse(cast, workbook(人员=[PEOPLE[:2], ["李" * 1001, "li"]]))
    assert (row.outcome, row.problems[0][0]) == ("error", "姓名")
    assert "name" not in row.values


def test_nobody_waits_while_a_file_is_read(cast, sign_in, monkeypatch):
    """A file is read outside any transaction, whatever key the form carries."""
    inside = []
    read = importing.read_rows

    def watched(*file):
        inside.append(len(connection.savepoint_ids))
        return read(*file)

    monkeypatch.setattr(importing, "read_rows", watched)
    client = sign_in(cast.admin)
    file = SimpleUploadedFile("people.xlsx", FULL)
    response = client.post("/organisation/import/", {"file": file, "once": str(uuid.uuid4())})
    assert (response.status_code, inside) == (302, [0])


def test_a_file_sent_twice_leaves_one_preview(cast, sign_in):
    client = sign_in(cast.admin)
    for _time in range(2):
        assert upload(client, FULL).status_code == 302
    assert PendingImport.objects.count() == 1


def test_the_departments_are_read_once_however_many_come(cast):
    def read_all(count):
        chain = [[f"链{n}", f"链{n}", f"链{n - 1}" if n else ""] for n in range(count)]
        rows, _ignored = importing.read_rows("a.csv", table(DEPARTMENTS[:3], *chain))
        with CaptureQueriesContext(connection) as queries:
            assert set(outcomes(importing.rehearse(rows, by=cast.admin, now=NOW))) == {"new"}
        tables = [q["sql"] for q in queries if q["sql"].startswith("SELECT")]
        return sum('FROM "accounts_department"' in sql for sql in tables)

    assert read_all(3) == read_all(30)


def test_far_away_cells_cost_nothing(cast):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(PEOPLE[:2])
    sheet["XFD2"] = "x"
    sheet["A60000"] = "x"
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(UploadRefused):
        read_tables("a.xlsx", file.getvalue())


def test_formulas_and_errors_are_never_read_as_values(cast):
    data = workbook(人员=[PEOPLE[:3], ["=A1", "li", "#N/A"], ["韩梅", "han", '=HYPERLINK("x")']])
    rows = rehearse(cast, data)
    assert outcomes(rows) == ["error", "error"]
    assert [len(row.problems) for row in rows] == [2, 1]
