"""Files are attached to a task or a part of it, by whoever takes part, while the task is open."""

import errno
import threading

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.test import Client
from django.urls import reverse

from attachments import services
from attachments.models import Attachment
from attachments.services import TooManyFiles, withdraw_file
from attachments.storage import stored_names
from attachments.tests.files import CSV, PDF, attached, upload
from audit.models import Event
from communications.services.scheduling import we_talked
from conftest import at
from coordination.errors import NotAllowed, StageChanged
from tasks.models import Task

NOW = at("2024-10-08 09:00")
KEY = "6f1d1b0e-6b0f-4f53-9c55-6a3f1f0a7a11"


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def send(browser, part, *files, **more):
    key = f"{part._meta.model_name}-{part.pk}"
    return browser.post(f"/files/to/{key}/", {"files": list(files), **more})


def test_a_file_is_attached_to_the_task_with_what_its_bytes_say(cast, running, sign_in):
    page = send(
        sign_in(cast.sales_staff), running, upload("../渠道\u202e清单.pdf", PDF, "text/html")
    )
    assert page["Location"] == reverse("attachments:file_list", args=[running.pk])
    file = Attachment.objects.get()
    assert (file.name, file.content_type, file.size) == (
        "渠道清单.pdf",
        "application/pdf",
        len(PDF),
    )
    assert file.uploaded_by == cast.sales_staff
    assert file.subject_label == str(running)
    assert default_storage.open(file.stored_as).read() == PDF


def test_files_of_a_part_stand_on_its_page_and_in_the_list_of_the_task(cast, running, sign_in):
    talk = we_talked(task=running, by=cast.sales_head, now=NOW, topic="上线时间确认")
    browser = sign_in(cast.market_head)
    page = send(browser, talk, upload("纪要.txt", b"1"), upload("名单.txt", b"2"))
    assert page["Location"] == f"/communications/{talk.pk}/#files"
    for url in (talk.get_absolute_url(), f"/tasks/{running.pk}/files/"):
        text = browser.get(url).content.decode()
        assert "纪要.txt" in text and "名单.txt" in text
    assert "上线时间确认" in text
    assert (
        "纪要.txt" not in browser.get(running.subtasks.first().get_absolute_url()).content.decode()
    )


def test_bytes_are_stored_under_a_random_name_for_nobody_else_to_read(cast, running, own_folder):
    file = attached(running, by=cast.sales_staff, now=NOW, name="清单.csv")
    path = own_folder / file.stored_as
    assert "清单" not in file.stored_as and "." not in file.stored_as
    assert path.read_bytes() == CSV
    assert path.stat().st_mode & 0o777 == 0o600
    assert {folder.stat().st_mode & 0o777 for folder in path.parents[:2]} == {0o700}


def test_one_bad_file_does_not_lose_the_others(cast, running, sign_in):
    page = send(
        sign_in(cast.sales_staff), running, upload("好.pdf", PDF), upload("坏.exe", b"MZ\x90\0")
    )
    text = page.content.decode()
    assert page.status_code == 422
    assert "坏.exe" in text and "Programs, scripts" in text
    assert [file.name for file in Attachment.objects.all()] == ["好.pdf"]
    assert "1 file is attached." in text


def test_a_refused_file_is_named_at_the_field_and_nothing_is_stored(cast, running, sign_in):
    page = send(sign_in(cast.sales_staff), running, upload("空.txt", b""))
    assert page.status_code == 422
    assert "空.txt" in page.content.decode() and "The file is empty." in page.content.decode()
    assert not list(stored_names())


def test_no_file_and_too_many_at_once_are_told(cast, running, sign_in):
    browser = sign_in(cast.sales_staff)
    assert "Choose at least one file." in send(browser, running).content.decode()
    many = [upload(f"{n}.txt", b"1") for n in range(11)]
    assert "At most 10 files at once." in send(browser, running, *many).content.decode()
    assert not Attachment.objects.exists()


def test_the_same_form_twice_is_one_effect(cast, running, sign_in):
    browser = sign_in(cast.sales_staff)
    pages = [send(browser, running, upload(), once=KEY) for _ in range(2)]
    assert {page["Location"] for page in pages} == {f"/tasks/{running.pk}/files/"}
    assert Attachment.objects.count() == len(list(stored_names())) == 1
    assert Event.objects.filter(action="file.attached").count() == 1


def test_a_refused_form_may_be_sent_again_under_its_key(cast, running, sign_in):
    browser = sign_in(cast.sales_staff)
    assert send(browser, running, upload("a.exe", b"MZ"), once=KEY).status_code == 422
    assert send(browser, running, upload(), once=KEY).status_code == 302
    assert Attachment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_are_one_effect(cast, running):
    barrier, answers = threading.Barrier(20), []

    def press(browser):
        barrier.wait()
        answers.append(send(browser, running, upload(), once=KEY).status_code)
        connections.close_all()

    threads = [threading.Thread(target=press, args=[signed_in(cast)]) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302] * 20
    assert Attachment.objects.count() == len(list(stored_names())) == 1


def signed_in(cast):
    browser = Client(raise_request_exception=False)
    browser.force_login(cast.sales_staff)
    return browser


# No row without its file, no file without its row -----------------------------------------------


def test_a_full_disk_is_a_message_and_leaves_nothing(cast, running, sign_in, monkeypatch):
    write = default_storage._wrapped.__class__._save

    def full(self, name, content):
        write(self, name, content)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(default_storage._wrapped), "_save", full)
    page = send(sign_in(cast.sales_staff), running, upload())
    assert page.status_code == 503
    assert "the disk may be full" in page.content.decode()
    assert not Attachment.objects.exists() and not list(stored_names())


def test_what_fails_after_the_bytes_are_written_removes_them(cast, running, sign_in, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError

    browser = sign_in(cast.sales_staff)
    browser.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(services.history, "record", broken)
        assert send(browser, running, upload(), upload("b.csv"), once=KEY).status_code == 500
    assert not Attachment.objects.exists() and not list(stored_names())
    assert send(browser, running, upload(), once=KEY).status_code == 302


def test_a_task_holds_two_hundred_files_and_says_so(cast, running, monkeypatch):
    monkeypatch.setattr(services, "AT_MOST", 1)
    first = attached(running, by=cast.sales_staff, now=NOW)
    with pytest.raises(TooManyFiles):
        attached(running, by=cast.sales_staff, now=NOW)
    withdraw_file(attachment=first, by=cast.sales_staff, now=NOW)
    assert attached(running, by=cast.sales_staff, now=NOW)


# Who may -----------------------------------------------------------------------------------------


def test_who_only_looks_on_attaches_nothing(cast, running, sign_in):
    assert send(sign_in(cast.director), running, upload()).status_code == 403
    with pytest.raises(NotAllowed):
        attached(running, by=cast.records, now=NOW)
    assert not Attachment.objects.exists()


def test_a_stranger_is_told_that_there_is_nothing(cast, running, sign_in):
    assert send(sign_in(cast.outsider), running, upload()).status_code == 404


@pytest.mark.parametrize(
    "key", ["task-0", "task--1", "task-" + "9" * 30, "user-1", "task", "issue-x", "department-1"]
)
def test_nothing_else_takes_files(cast, running, sign_in, key):
    assert sign_in(cast.market_head).post(f"/files/to/{key}/").status_code == 404


def test_a_draft_takes_files_of_its_own_side(cast, draft, sign_in):
    assert send(sign_in(cast.market_head), draft, upload()).status_code == 302
    assert send(sign_in(cast.sales_head), draft, upload()).status_code == 404


@pytest.mark.out_of_step
def test_an_ended_task_takes_none_and_gives_none_back(cast, running, sign_in):
    file = attached(running, by=cast.sales_staff, now=NOW)
    Task.objects.filter(pk=running.pk).update(stage="archived")
    page = send(sign_in(cast.sales_staff), running, upload())
    assert page.status_code == 409
    with pytest.raises(StageChanged):
        withdraw_file(attachment=file, by=cast.sales_staff, now=NOW)
    assert Attachment.objects.get() == file
    assert len(list(stored_names())) == 1


def test_who_attached_a_file_or_leads_the_task_withdraws_it(cast, running):
    for by in (cast.sales_staff, cast.market_head):
        file = attached(running, by=cast.sales_staff, now=NOW)
        with pytest.raises(NotAllowed):
            withdraw_file(attachment=file, by=cast.sales_head, now=NOW)
        withdraw_file(attachment=file, by=by, now=NOW)
        assert Attachment.objects.get(pk=file.pk).withdrawn_by == by


def test_withdrawing_twice_is_one_effect(cast, running):
    file = attached(running, by=cast.sales_staff, now=NOW)
    withdraw_file(attachment=file, by=cast.sales_staff, now=NOW)
    with pytest.raises(StageChanged):
        withdraw_file(attachment=file, by=cast.market_head, now=NOW)
    assert Event.objects.filter(action="file.withdrawn").count() == 1


def test_the_history_names_the_file_by_its_hash(cast, running, sign_in):
    file = attached(running, by=cast.sales_staff, now=NOW, name="清单.csv")
    withdraw_file(attachment=file, by=cast.market_head, now=NOW)
    for action, person in (("file.attached", "专员C"), ("file.withdrawn", "经理D")):
        entry = Event.objects.of_task(running.pk).get(action=action)
        assert (entry.actor_name, entry.subject_label) == (person, "清单.csv")
        assert entry.changes["sha256"] == [None, file.sha256]
    text = sign_in(cast.director).get(f"/tasks/{running.pk}/history/").content.decode()
    assert "withdrew the file" in text and file.sha256 in text
