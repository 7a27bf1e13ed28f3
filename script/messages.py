"""Collects every text of the sources into locale/ and compiles it; --check proves it complete.

English needs no file of its own: the msgids are its texts.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "zh_Hans"
CATALOGUE = Path("locale", LANGUAGE, "LC_MESSAGES", "django.po")
NOT_SOURCES = (
    ".*",
    "var",
    "static",
    "screenshots",
    "docs",
    "__pycache__",
    "tests",
    "browser_tests",
)


def main(arguments: list[str]) -> None:
    if not shutil.which("xgettext"):
        sys.exit("GNU gettext is missing: apt-get install gettext")
    if arguments == ["--check"]:
        complaints = list(check())
        sys.exit("\n".join(complaints) if complaints else 0)
    collect(ROOT)
    compile_catalogue(ROOT)


def collect(tree: Path) -> None:
    """Merges the texts of the sources in the tree into its catalogue."""
    (tree / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
    ignored = [option for name in NOT_SOURCES for option in ("--ignore", name)]
    command = ["makemessages", "--locale", LANGUAGE, "--no-wrap", "--add-location", "file"]
    environment = {key: v for key, v in os.environ.items() if key != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(
        [sys.executable, "-m", "django", *command, *ignored, "--verbosity", "0"],
        cwd=tree,
        env=environment,
        check=True,
    )


def compile_catalogue(tree: Path) -> None:
    po = tree / CATALOGUE
    subprocess.run(["msgfmt", "--check-format", "-o", po.with_suffix(".mo"), po], check=True)


def check() -> Iterator[str]:
    """What is wrong with the committed catalogue, one line each."""
    if not (ROOT / CATALOGUE).exists():
        yield f"{CATALOGUE} is missing: run script/messages"
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*NOT_SOURCES))
        collect(tree)
        yield from incomplete(polib.pofile(ROOT / CATALOGUE), polib.pofile(tree / CATALOGUE))
        yield from wrong_placeholders(tree)
    if not up_to_date(ROOT / CATALOGUE):
        yield f"{CATALOGUE.with_suffix('.mo')} is out of date: run script/messages"


def incomplete(committed: polib.POFile, collected: polib.POFile) -> Iterator[str]:
    known = {key(entry) for entry in committed if not entry.obsolete}
    for entry in collected:
        if state := problem(entry, known):
            yield f"{state}: {entry.msgid!r} ({', '.join(file for file, _ in entry.occurrences)})"


def problem(entry: polib.POEntry, known: set) -> str:
    """Why the entry does not count as translated; empty when it does."""
    if entry.obsolete:
        return "obsolete"
    if key(entry) not in known:
        return "missing"
    if entry.fuzzy:
        return "fuzzy"
    return "" if entry.translated() else "untranslated"


def wrong_placeholders(tree: Path) -> Iterator[str]:
    done = subprocess.run(
        ["msgfmt", "--check-format", "-o", os.devnull, tree / CATALOGUE],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        yield done.stderr.strip()


def up_to_date(po: Path) -> bool:
    """Whether the compiled file says what the catalogue says."""
    mo = po.with_suffix(".mo")
    return mo.exists() and texts(polib.mofile(mo)) == texts(polib.pofile(po).translated_entries())


def texts(entries) -> dict:
    return {key(entry): entry.msgstr or list(entry.msgstr_plural.values()) for entry in entries}


def key(entry: polib.POEntry) -> tuple:
    return entry.msgctxt, entry.msgid, entry.msgid_plural or ""


if __name__ == "__main__":
    main(sys.argv[1:])
