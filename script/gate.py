"""Everything that must hold before a change goes in; see script/test."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import advisories
import bootstrap
from postgres import postgres

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
WORKERS = ["-n", str(max(2, os.cpu_count() or 2))]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
# As a real site sets it; nothing is connected to.
PRODUCTION = {
    "DATABASE_URL": "postgres://coordination@db.example.com/coordination",
    "REDIS_URL": "redis://redis.example.com",
    "SECRET_KEY": "production-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "ALLOWED_HOSTS": "coordination.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://coordination.example.com",
    "SITE_URL": "https://coordination.example.com",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.com:587",
}
# What decides how the application runs must come from the step, not from who runs the gate.
OURS = (*PRODUCTION, "DATA_DIR", "HTTPS", "DEBUG", "LOG_LEVEL", "DJANGO_SETTINGS_MODULE")


class Gate:
    """Runs the steps one after the other and remembers how each ended.

    `folder` holds what the steps leave behind: data, reports. Watching which lines run makes the
    tests take 1.7 times as long: only `with_coverage`.
    """

    def __init__(self, folder: Path, *, with_coverage: bool = False):
        self.folder, self.with_coverage = folder, with_coverage
        self.failed: list[str] = []
        self.counts: Counter[str] = Counter()
        self.started_at = time.monotonic()

    def run(self) -> int:
        self.step("Lint", lambda: self.call(PYTHON, "-m", "ruff", "check", "."))
        self.step("Format", lambda: self.call(PYTHON, "-m", "ruff", "format", "--check", "."))
        self.step("Dependencies", self.dependencies)
        self.step("Migrations", self.migrations)
        self.step("Deployment", self.deployment)
        self.step("Translations", self.translations)
        self.step("Tests on SQLite", self.tests_on_sqlite)
        self.step("Tests on PostgreSQL", self.tests_on_postgres)
        self.step("Browser", self.browser)
        return self.close()

    def step(self, name: str, check: Callable[[], bool]) -> None:
        print(f"\n== {name}", flush=True)
        began = time.monotonic()
        passed = check()
        if not passed:
            self.failed.append(name)
        print(f"   {'ok' if passed else 'FAILED'}, {time.monotonic() - began:.1f} s", flush=True)

    def dependencies(self) -> bool:
        found = advisories.known_vulnerabilities(ROOT / "requirements.txt")
        if found is None:
            return skipped("vulnerabilities, as neither pypi.org nor osv.dev tells of any here")
        print(*(f"   {line}" for line in found), sep="\n")
        return not found

    def migrations(self) -> bool:
        return self.manage("makemigrations", "--check", "--dry-run")

    def deployment(self) -> bool:
        return self.manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    def translations(self) -> bool:
        if not shutil.which("xgettext"):
            return skipped("translations, without gettext (apt-get install gettext)")
        return self.call(PYTHON, "script/messages.py", "--check")

    def tests_on_sqlite(self) -> bool:
        report = self.folder / "coverage.json"
        watch = ["--cov", "--cov-report", f"json:{report}"] if self.with_coverage else []
        passed = self.pytest(*WORKERS, *watch)
        if report.exists():
            print(coverage(json.loads(report.read_text())["totals"]))
        return passed

    def tests_on_postgres(self) -> bool:
        with postgres() as url:
            return self.pytest(*WORKERS, "-m", "not once", **on_postgres(url))

    def browser(self) -> bool:
        if not any(map(shutil.which, CHROMIUM)):
            return skipped("browser tests, without Chromium (apt-get install chromium)")
        return self.pytest("browser_tests")

    def pytest(self, *arguments: str, **variables: str) -> bool:
        report = self.folder / f"{len(list(self.folder.glob('*.xml')))}.xml"
        options = ["-q", "-ra", "--no-header", f"--junitxml={report}", *arguments]
        passed = self.call(PYTHON, "-m", "pytest", *options, **variables)
        if report.exists():
            self.counts += outcomes(report)
        return passed

    def manage(self, *arguments: str, **variables: str) -> bool:
        return self.call(PYTHON, "manage.py", *arguments, **variables)

    def call(self, *command: str, **variables: str) -> bool:
        environment = clean_environment() | {"DATA_DIR": str(self.folder / "data")} | variables
        return subprocess.run(command, cwd=ROOT, env=environment).returncode == 0

    def close(self) -> int:
        """The result of all steps, last the line a CI reads, over all runs of pytest."""
        if self.failed:
            print(f"\nFailed: {', '.join(self.failed)}")
            self.counts["failed"] = self.counts["failed"] or len(self.failed)
        words = ("failed", "passed", "skipped", "error")
        told = ", ".join(f"{self.counts[word]} {word}" for word in words if self.counts[word])
        print(f"\n===== {told} in {time.monotonic() - self.started_at:.2f}s =====", flush=True)
        return 1 if self.failed else 0


def outcomes(report: Path) -> Counter[str]:
    """How many tests ended how, from a report in JUnit's format that pytest wrote."""
    suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314
    total: Counter[str] = Counter()
    for suite in suites:
        bad = {word: int(suite.get(f"{word}s", 0)) for word in ("failure", "error")}
        skipped = int(suite.get("skipped", 0))
        total["failed"] += bad["failure"]
        total["error"] += bad["error"]
        total["skipped"] += skipped
        total["passed"] += int(suite.get("tests", 0)) - sum(bad.values()) - skipped
    return total


def coverage(totals: dict) -> str:
    lines = 100 * totals["covered_lines"] / max(totals["num_statements"], 1)
    branches = 100 * totals["covered_branches"] / max(totals["num_branches"], 1)
    return f"   coverage: {lines:.1f} % of lines, {branches:.1f} % of branches"


def on_postgres(url: str) -> dict[str, str]:
    return {"DATABASE_URL": url, "SECRET_KEY": PRODUCTION["SECRET_KEY"], "HTTPS": "off"}


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OURS}


def skipped(what: str) -> bool:
    print(f"   skipped: {what}")
    return True


def install_tools() -> None:
    """What the tests use of the system, where it may be installed; else their steps say so."""
    tools = {
        "chromium": any(map(shutil.which, CHROMIUM)),
        "gettext": shutil.which("xgettext"),
        "poppler-utils": shutil.which("pdftotext"),
        "fonts-noto-cjk": chinese_font(),
    }
    missing = [package for package, present in tools.items() if not present]
    if missing:
        bootstrap.apt_install(missing)


def chinese_font() -> bool:
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True)
    return bool(re.search(rb"\S", listed.stdout))


def part(arguments: list[str]) -> int:
    """Pytest on the paths given, on SQLite or with --postgres."""
    command = [PYTHON, "-m", "pytest", *(word for word in arguments if word != "--postgres")]
    if "--postgres" not in arguments:
        return subprocess.run(command, cwd=ROOT, env=clean_environment()).returncode
    with postgres() as url:
        environment = clean_environment() | on_postgres(url)
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


def main(arguments: list[str]) -> int:
    with_coverage = arguments == ["--coverage"]
    if arguments and not with_coverage:
        return part(arguments)
    install_tools()
    with tempfile.TemporaryDirectory(prefix="gate-") as folder:
        return Gate(Path(folder), with_coverage=with_coverage).run()


if __name__ == "__main__":
    # What the steps have started is cleaned up on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
