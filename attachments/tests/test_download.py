"""A file reaches whoever sees its task, as something to be saved, and nobody else."""

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse

from attachments.models import Attachment
from attachments.services import withdraw_file
from attachments.tests.files import PDF, attached
from conftest import at
from coordination.demo_tasks import submitted

NOW = at("2024-10-08 09:00")
SEES = {
    "market_head": (True, False),
    "market_staff": (True, False),
    "sales_staff": (True, False),
    "research_contact": (True, False),
    "director": (True, True),
    "records": (True, True),
    "service_head": (False, True),
    "finance_head": (False, True),
    "outsider": (False, True),
    "admin": (False, False),
}


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def file(cast, running):
    return attached(running, by=cast.sales_staff, now=NOW, name='方 案"; x="y.pdf', data=PDF)


@pytest.fixture
def other(cast):
    """A file of a task of 财务部 with 客服部."""
    task = submitted(
        department=cast.finance,
        by=cast.finance_head,
        now=NOW,
        title="年度预算",
        background="按公司计划",
        goal="12月20日前汇总6个部门预算",
        expected_result="预算获批准",
        start_date=NOW.date(),
        end_date=NOW.date(),
        collaborating=[cast.service],
        targets=[{"metric": "预算偏差率", "number": 5, "unit": "%"}],
        work_items=["预算填报"],
        resources=[],
        risks=[],
    )
    return attached(task, by=cast.finance_head, now=NOW, name="预算.csv")


def address(attachment):
    return reverse("attachments:file_download", args=[attachment.pk])


def test_it_is_saved_and_can_never_run(cast, file, sign_in):
    answer = sign_in(cast.director).get(address(file))
    assert answer.getvalue() == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E6%96%B9")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_a_kind_that_we_do_not_know_is_sent_as_plain_bytes(cast, file, sign_in):
    Attachment.objects.update(content_type="text/html")
    answer = sign_in(cast.director).get(address(file))
    assert answer["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        ("方案".encode() * 200, "utf-8"),
        ("方案".encode("gb18030"), "gb18030"),
        ("方案".encode("utf-16"), "utf-16"),
    ],
)
def test_a_text_says_in_which_characters_it_is(cast, running, sign_in, data, charset):
    text = attached(running, by=cast.sales_staff, now=NOW, name="方案.txt", data=data)
    answer = sign_in(cast.director).get(address(text))
    assert answer["Content-Type"] == f"text/plain; charset={charset}"
    assert answer.getvalue() == data


def test_it_is_sent_in_pieces(cast, file, sign_in):
    assert sign_in(cast.director).get(address(file)).streaming


def test_everybody_gets_the_files_of_the_tasks_they_see_and_no_others(cast, file, other, client):
    found = {}
    for name in SEES:
        client.force_login(getattr(cast, name))
        answers = [client.get(address(each)) for each in (file, other)]
        assert all(answer.status_code in (200, 404) for answer in answers), name
        found[name] = tuple(answer.status_code == 200 for answer in answers)
    assert found == SEES


def test_nobody_gets_one_without_signing_in(file, client):
    assert client.get(address(file))["Location"].startswith("/sign-in/")


def test_the_folder_itself_is_at_no_address(cast, file, sign_in):
    for url in (f"/files/{file.stored_as}", f"/media/{file.stored_as}", f"/{file.stored_as}"):
        assert sign_in(cast.director).get(url).status_code == 404


def test_a_withdrawn_file_is_named_and_given_to_nobody(cast, running, file, sign_in):
    withdraw_file(attachment=file, by=cast.sales_staff, now=NOW)
    browser = sign_in(cast.sales_staff)
    page = browser.get(address(file), follow=True)
    assert page.redirect_chain == [(f"/tasks/{running.pk}/files/", 302)]
    text = page.content.decode()
    assert "This file has been withdrawn." in text and "withdrawn by 专员C" in text
    assert address(file) not in text


def test_missing_bytes_are_told_and_are_no_failure(cast, file, sign_in):
    default_storage.delete(file.stored_as)
    page = sign_in(cast.director).get(address(file), follow=True)
    assert page.status_code == 200
    assert "This file is missing in the storage." in page.content.decode()
