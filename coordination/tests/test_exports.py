"""No file that leaves the system carries code, whatever people have written (promise 13, 19).

Every address that answers with a file is tested, by the table of roles: a new one is found there.
"""

import ast
import csv
import io
import re
from email.message import Message
from functools import cache

import pytest
from django.db.models import F, Value
from django.db.models.functions import Concat
from openpyxl import load_workbook

from accounts.models import Department, User
from attachments.tests.files import attached
from communications.models import ActionItem, Communication
from conftest import at
from coordination.tests.test_architecture import ORDER, ROOT, modules
from coordination.tests.test_roles import PAGES
from issues.models import Issue, Measure
from tasks.models import Resource, Risk, Subtask, SupportRequest, Target, Task, WorkItem

# Formulas for Excel, WPS and LibreOffice; the wide ones work in Chinese and Japanese Excel.
STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
FORMULA = "=cmd|' /C calc'!A0"
TEXTS = {
    User: ["name", "title"],
    Department: ["name"],
    Task: ["title", "background", "goal", "expected_result"],
    Target: ["metric", "unit"],
    WorkItem: ["name"],
    Resource: ["description"],
    Risk: ["description", "response"],
    Subtask: ["name", "goal"],
    SupportRequest: ["what"],
    Communication: ["topic", "conclusions", "place"],
    ActionItem: ["what"],
    Issue: ["description", "cause"],
    Measure: ["what"],
}
# Where a table, a workbook or a paper is written; each keeps text as text in its own way, and is
# held to it below. A new one belongs here and behind an address.
WRITERS = {
    "accounts/template_file.py",  # only our own words
    "records/workbook.py",
    "dashboards/sheets.py",
    "coordination/paper.py",
    "coordination/trail/export.py",  # by POST only: test_trail.py
}
READERS = {"accounts/tables.py"}
EXPORTS = {
    "pdf": {"records:record_pdf", "weekly:pdf"},
    "xlsx": {
        "accounts:import_template",
        "records:record_workbook",
        "dashboards:overview_file",
        "dashboards:department_rates_file",
    },
}
"""What the walk below must come by."""

LIBRARIES = {"csv", "openpyxl", "xlsxwriter", "docx", "weasyprint", "reportlab"}


@pytest.fixture
def hostile(world):
    """Every text in the company begins as a formula; somebody acts under such a name."""
    for model, fields in TEXTS.items():
        for field in fields:
            model.objects.update(**{field: Concat(Value(FORMULA), F(field))})
    Task.objects.update(title=Concat(Value('=../"\\;x='), F("title")))
    task = Task.objects.get(pk=world.things["running"].pk)
    person = User.objects.get(pk=world.cast.sales_staff.pk)
    attached(task, by=person, now=at("2024-10-19 09:00"), name=f"{FORMULA}.csv")
    return world


@pytest.mark.once
@pytest.mark.out_of_step
def test_no_exported_file_carries_code(hostile):
    found = {}
    for name, thing, person in PAGES:
        if name == "attachments:file_download":
            continue  # What people have uploaded; attachments/tests/test_download.py.
        for query in queries(name):
            answer = hostile.browser(person).get(hostile.address(name, thing) + query)
            if "Content-Disposition" in answer.headers:
                kind = suffix_of(answer, name)
                CHECKS[kind](answer.getvalue(), name)
                found.setdefault(kind, set()).add(name)
    assert found == EXPORTS


def queries(name):
    """The formats that one address may give."""
    return ("", "?format=csv", "?format=xlsx") if "export" in name or "file" in name else ("",)


def check_workbook(body, name):
    for sheet in load_workbook(io.BytesIO(body)):
        for cell in (cell for row in sheet for cell in row):
            assert cell.data_type != "f", (name, cell.value)
            assert cell.hyperlink is None, (name, cell.value)


def check_csv(body, name):
    for line in csv.reader(io.StringIO(body.decode("utf-8-sig"))):
        for text in line:
            assert not text.startswith(STARTS), (name, text)


def check_pdf(body, name):
    assert body.startswith(b"%PDF-"), name
    active = re.search(rb"/(JavaScript|JS|Launch|OpenAction|AA|SubmitForm|ImportData|URI)\b", body)
    assert not active, (name, active)


CHECKS = {"xlsx": check_workbook, "csv": check_csv, "pdf": check_pdf}


def suffix_of(answer, name):
    """How the name of a file ends; the name is plain: no path, no second header."""
    assert answer["Content-Disposition"].startswith("attachment;"), name
    header = Message()
    header["Content-Disposition"] = answer["Content-Disposition"]
    given = header.get_filename()
    plain = re.fullmatch(r"[^/\\\r\n\x00]+\.(pdf|xlsx|csv)", given)
    assert plain, (name, given)
    return plain[1]


@cache
def libraries_in(path):
    """The libraries for tables and papers that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names & LIBRARIES


def test_files_are_written_in_known_places_only():
    found = {
        str(path.relative_to(ROOT))
        for package in [*ORDER, "coordination"]
        for path in modules(package)
        if libraries_in(path)
    }
    assert found == WRITERS | READERS
