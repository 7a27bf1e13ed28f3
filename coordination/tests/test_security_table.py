"""docs/security.md says what is so: every line of the standard once, every test it names exists."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

from django.conf import settings

from attachments.kinds import ENDINGS

DOCUMENT = settings.BASE_DIR / "docs/security.md"
# OWASP ASVS 5.0.0, levels 1 and 2: “1.1.1 2” is a requirement and its level.
STANDARD = Path(__file__).with_name("asvs_5_0_0.txt")
STATES = ["met", "not applicable", "not met"]
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
LEADS = re.compile(r"\]\((?!https?:)([\w.]*)(?:#([\w-]+))?\)")


def lines():
    """The rows of the table: (id, level, what, state, where, tests)."""
    for line in DOCUMENT.read_text().splitlines():
        if re.match(r"\| \d+\.\d+\.\d+ \|", line):
            yield [cell.strip() for cell in line.strip("|").split("|")]


@cache
def functions_of(name) -> set[str]:
    tree = ast.parse((settings.BASE_DIR / name).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def headings(path) -> set[str]:
    """As the anchors that lead to them."""
    found = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in found}


def test_every_line_of_the_standard_stands_there_once():
    wanted = [line.split() for line in STANDARD.read_text().splitlines()]
    assert [line[:2] for line in lines()] == wanted


def test_every_line_is_met_not_applicable_or_not_met_and_says_how():
    for number, _level, what, state, where, _tests in lines():
        assert state in STATES, number
        assert where and 0 < len(what.split()) <= 12, number


def test_what_is_met_names_tests_that_exist():
    for number, _level, _what, state, _where, tests in lines():
        named = NAMED.findall(tests)
        assert bool(named) == (state == "met"), number
        assert not NAMED.sub("", tests).strip(), number
        for name, test in named:
            assert test in functions_of(name), (number, name, test)


def test_what_a_line_leads_to_is_there():
    for name, anchor in LEADS.findall(DOCUMENT.read_text()):
        path = DOCUMENT.with_name(name) if name else DOCUMENT
        assert path.is_file(), name
        assert not anchor or anchor in headings(path), (name, anchor)


def test_the_kinds_of_files_are_those_that_are_taken():
    (row,) = re.findall(r"^\| attachment \| ([A-Z0-9, ]+), when", DOCUMENT.read_text(), re.M)
    assert set(row.lower().split(", ")) == set(ENDINGS)


def test_the_counts_at_the_top_are_those_of_the_lines():
    counted = Counter((line[0].partition(".")[0], line[3]) for line in lines())
    chapters = sorted({chapter for chapter, _state in counted}, key=int)
    found = re.findall(r"^\| (\d+) [^|]+\| (\d+) \| (\d+) \| (\d+) \|$", DOCUMENT.read_text(), re.M)
    assert found == [(c, *(str(counted[c, state]) for state in STATES)) for c in chapters]
    total = [sum(counted[c, state] for c in chapters) for state in STATES]
    assert "| **all** | " + " | ".join(f"**{n}**" for n in total) + " |" in DOCUMENT.read_text()
