"""An archive is read as long as it exists, in whatever format it was written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from audit.verification import Step
from conftest import at
from coordination.plain import to_plain
from records import pdf, workbook
from records.canonical import GENESIS, canonical, check_code
from records.checking import walk_archives
from records.layout import lay_out
from records.models import Archive, Chain
from records.record import from_plain
from records.tests.example import RECORD
from records.views import record_of

# The record of the tests as it was frozen before there was an annex, byte for byte.
FORMAT_1 = (Path(__file__).parent / "archive_format_1.json").read_text("utf-8")
SHA256_1 = "ce966bfc5fb3ab45370504c669c6eb36a9884fdaae8e40710ba3a2c71667523d"


@pytest.fixture
def archived(running):
    """An archive of format 1, alone in its chain."""
    Chain.objects.create(pk=1, last_sha256=SHA256_1)
    return Archive.objects.create(
        task=running,
        archived_at=at("2024-11-05 10:00"),
        record=FORMAT_1,
        sha256=SHA256_1,
        previous_sha256=GENESIS,
    )


def test_an_archive_without_annex_still_has_its_check_code(archived):
    assert check_code(FORMAT_1, GENESIS) == SHA256_1
    assert list(walk_archives()) == [Step(1)]


def test_it_is_read_without_an_annex_and_otherwise_whole(archived):
    assert record_of(archived.task, None, now=None) == replace(RECORD, annex=None)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_it_is_printed_as_the_five_parts(language):
    record = from_plain(json.loads(FORMAT_1))
    assert len(lay_out(record, language).parts) == 5
    assert pdf.render(record, language).startswith(b"%PDF")
    assert workbook.render(record, language).startswith(b"PK")


def test_a_record_says_how_it_is_written():
    assert json.loads(canonical(RECORD))["format"] == 2


def test_a_record_of_now_without_its_annex_is_not_read_as_if_it_were_whole():
    plain = json.loads(canonical(RECORD))
    del plain["annex"]
    with pytest.raises(KeyError):
        from_plain(plain)


@pytest.mark.parametrize("written", [0, 3, "2", None])
def test_a_format_that_nobody_knows_is_refused(written):
    with pytest.raises(ValueError, match="format"):
        from_plain(to_plain(RECORD) | {"format": written})
