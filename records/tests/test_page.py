"""The record as a page and as files: who may have it, what it is called, what it says."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from conftest import at
from coordination.plain import to_plain
from records import pdf
from records.layout import Column, Table, lay_out
from records.models import Archive
from records.tests.example import RECORD
from records.tests.test_build import grow, review
from records.views import file_name
from tasks.models import Task

PAGES = ["records:record_detail", "records:record_pdf", "records:record_workbook"]


@pytest.mark.parametrize("name", PAGES)
def test_whoever_sees_the_task_has_its_record_and_nobody_else(running, cast, sign_in, name):
    address = reverse(name, args=[running.pk])
    for person in (cast.market_head, cast.sales_staff, cast.director, cast.records):
        assert sign_in(person).get(address).status_code == 200, person
    for person in (cast.outsider, cast.finance_head, cast.admin):
        assert sign_in(person).get(address).status_code == 404, person


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_asked_to_sign_in(running, client, name):
    assert client.get(reverse(name, args=[running.pk])).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_a_draft_has_no_record_yet(draft, cast, sign_in, name):
    assert sign_in(cast.market_head).get(reverse(name, args=[draft.pk])).status_code == 404


def test_a_task_that_has_only_just_begun_has_a_record(consulted, cast, sign_in):
    for name in PAGES:
        address = reverse(name, args=[consulted.pk])
        assert sign_in(cast.sales_head).get(address).status_code == 200


def test_the_page_is_marked_until_the_task_is_archived(running, cast, sign_in):
    address = reverse("records:record_detail", args=[running.pk])
    page = sign_in(cast.market_head).get(address, headers={"accept-language": "en"})
    assert "Not archived yet (In progress, as of " in page.content.decode()


def archived(task, record):
    Task.objects.filter(pk=task.pk).update(stage="archived", ended_at=at("2024-11-05 10:00"))
    Archive.objects.create(
        task=task,
        archived_at=at("2024-11-05 10:00"),
        record=json.dumps(to_plain(record)),
        sha256="1" * 64,
        previous_sha256="0" * 64,
    )


@pytest.mark.out_of_step
def test_an_archived_task_shows_what_was_frozen_not_what_the_tables_say(running, cast, sign_in):
    archived(running, RECORD)
    Task.objects.filter(pk=running.pk).update(goal="后来改动的目标")
    client = sign_in(cast.sales_staff)
    page = client.get(reverse("records:record_detail", args=[running.pk])).content.decode()
    assert RECORD.basics.goal in page
    assert "后来改动的目标" not in page
    assert 'class="record__notice"' not in page
    body = client.get(reverse("records:record_pdf", args=[running.pk]) + "?language=en").content
    assert body == pdf.render(RECORD, "en")


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "suffix", "kind"),
    [
        ("records:record_pdf", "pdf", "application/pdf"),
        (
            "records:record_workbook",
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_a_file_is_saved_under_number_and_title_and_kept_by_no_cache(
    running, cast, sign_in, name, suffix, kind
):
    answer = sign_in(cast.market_head).get(reverse(name, args=[running.pk]))
    assert answer["Content-Type"] == kind
    assert answer["Content-Disposition"] == (
        "attachment; filename*=utf-8''2024-%E5%B8%82%E5%9C%BA-001%20Q4%E6%96%B0%E5%93%81%E4%B8%8A"
        f"%E5%B8%82%E6%8E%A8%E5%B9%BF%E9%A1%B9%E7%9B%AE.{suffix}"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]


def test_a_file_name_has_nothing_that_a_file_system_refuses():
    basics = replace(RECORD.basics, title='a/b\\c:"d"\r\n' + "长" * 99)
    name = file_name(replace(RECORD, basics=basics), ".pdf")
    assert not re.search(r'[/\\:"\r\n]', name)
    assert len(name.encode()) <= 255


@pytest.mark.once
@pytest.mark.out_of_step
@pytest.mark.parametrize("language", ["zh-hans", "en", "fr", "../x", ""])
def test_a_file_comes_in_the_language_asked_for_or_the_readers_own(
    running, cast, sign_in, language
):
    archived(running, RECORD)
    address = reverse("records:record_pdf", args=[running.pk])
    answer = sign_in(cast.market_head).get(
        address, {"language": language}, headers={"accept-language": "en"}
    )
    expected = language if language in dict(settings.LANGUAGES) else "en"
    assert answer.content == pdf.render(RECORD, expected)


def test_a_character_that_cannot_be_printed_is_named_on_the_page_and_no_file_is_made(
    running, cast, sign_in
):
    Task.objects.filter(pk=running.pk).update(background="𠮷野家")
    client = sign_in(cast.market_head)
    answer = client.get(reverse("records:record_pdf", args=[running.pk]))
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("text/html")
    assert "U+20BB7" in answer.content.decode()
    workbook = client.get(reverse("records:record_workbook", args=[running.pk]))
    assert workbook.status_code == 200


def test_what_people_wrote_is_text_on_the_page(running, cast, sign_in):
    Task.objects.filter(pk=running.pk).update(background="<script>alert(1)</script>")
    address = reverse("records:record_detail", args=[running.pk])
    page = sign_in(cast.market_head).get(address).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.out_of_step
def test_the_page_takes_the_same_statements_for_a_large_task(running, cast, sign_in):
    """Organisation, session, person; standing (3); task, its departments; the record (8, see
    test_build.py); the person's department; the stage bar (3)."""
    address = reverse("records:record_detail", args=[running.pk])
    client = sign_in(cast.market_head)
    review(running, cast)
    counts = []
    for numbers in (range(3), range(3, 30)):
        grow(running, cast, numbers)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_every_column_of_the_form_has_its_width_on_the_page():
    style = (Path(settings.BASE_DIR) / "static/css/app.css").read_text()
    for part in lay_out(RECORD, "en").parts:
        for table in (block for block in part.blocks if isinstance(block, Table)):
            assert sum(column.width for column in table.columns) == 100
            for column in table.columns:
                assert isinstance(column, Column)
                assert f".record__col-{column.width} {{" in style
