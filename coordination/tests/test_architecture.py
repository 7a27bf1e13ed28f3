"""House rules that a machine can check: arrows, forms, templates."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Each package may import those before it; `coordination` kernel modules are everybody's.
ORDER = [
    "audit",
    "accounts",
    "deadlines",
    "signin",
    "tasks",
    "attachments",
    "communications",
    "issues",
    "weekly",
    "reviews",
    "records",
    "dashboards",
]
KERNEL = {
    "charts",
    "env",
    "errors",
    "fonts",
    "forms",
    "formsets",
    "markup",
    "pages",
    "paper",
    "pdf",
    "permissions",
    "plain",
    "security",
    "uploads",
    "words",
}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def modules(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts):
            yield path


def imported(path):
    """(package, module) of each import of ours."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, _, rest = name.partition(".")
            if package in {*ORDER, "coordination"}:
                yield package, rest.partition(".")[0]


@pytest.mark.parametrize("package", ORDER)
def test_arrows_between_packages_point_one_way(package):
    allowed = {*ORDER[: ORDER.index(package) + 1]}
    for path in modules(package):
        for target, module in imported(path):
            if target == "coordination":
                assert module in KERNEL, f"{path} imports wiring: coordination.{module}"
            else:
                assert target in allowed, f"{path} imports {target}"


def test_kernel_modules_import_nothing_of_ours():
    for name in KERNEL:
        path = ROOT / "coordination" / f"{name}.py"
        for target, module in imported(path):
            assert target == "coordination", f"{path} imports {target}"
            assert module in KERNEL, f"{path} imports coordination.{module}"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_form_that_changes_something_acts_once(path):
    text = path.read_text()
    for form in re.finditer(r"<form\b[^>]*method=.post.[^>]*>.*?</form>", text, re.S | re.I):
        assert "{% form_keys %}" in form.group(), form.group()[:200]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_nothing_inline_and_nothing_unescaped(path):
    text = path.read_text()
    assert "|safe" not in text
    assert "autoescape off" not in text or path.suffix == ".txt"
    if re.search(r"/_?mail|_pdf\.", str(path)):
        return  # a mail and a paper carry their own style; no browser shows them under our policy
    assert not re.search(r"<style|<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", text), path
