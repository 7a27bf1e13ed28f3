"""What is sent to whichever address fills no disk."""

import errno
from unittest.mock import patch

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def small(settings):
    settings.UPLOAD_MAX_BYTES = MEGABYTE
    settings.UPLOAD_MAX_REQUEST_BYTES = 10 * MEGABYTE


def received(size):
    file = SimpleUploadedFile("a.bin", b"x" * size)
    return RequestFactory().post("/", {"file": file}).FILES["file"].size


def test_of_a_file_that_is_too_large_only_so_much_is_kept_that_it_counts_as_too_large():
    assert received(MEGABYTE) == MEGABYTE
    assert MEGABYTE < received(9 * MEGABYTE) <= MEGABYTE + 2 * 65_536


def test_too_much_at_once_is_refused_before_it_is_read(client, db):
    answer = client.post("/sign-in/", {"file": SimpleUploadedFile("a", b"x" * 11 * MEGABYTE)})
    assert answer.status_code == 400


def test_a_disk_that_is_full_while_a_file_arrives_is_said_as_such(client, db):
    client.raise_request_exception = False
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("django.core.files.uploadhandler.TemporaryUploadedFile", side_effect=full):
        answer = client.post("/sign-in/", {"file": SimpleUploadedFile("a", b"x" * 3 * MEGABYTE)})
    assert answer.status_code == 503
    assert "the disk may be full" in answer.content.decode()
