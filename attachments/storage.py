"""The bytes of the files, in Django's default storage.

They are written before the transaction that adds their rows begins, so that nobody's writing
waits for a disk, and removed when it fails: no row without its file. What a killed process leaves
behind goes at night (attachments.upkeep).
"""

import logging
import os
import secrets
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError

FOLDER = "attachments"
logger = logging.getLogger(__name__)


class NoRoom(DomainError):
    code = "no_room"
    message = _(
        "The file could not be stored: the disk may be full. Nothing was saved; tell your "
        "administrator."
    )
    status = 503


class BytesMissing(DomainError):
    code = "bytes_missing"
    message = _("This file is missing in the storage. Tell your administrator.")
    status = 410


@dataclass(frozen=True)
class Stored:
    """A file whose bytes are written and which has no row yet."""

    name: str
    content_type: str
    size: int
    sha256: str
    stored_as: str


@contextmanager
def stored(uploads):
    """Writes the bytes of checked uploads (attachments.forms) for the block that adds their rows:
    a list of Stored. Whatever fails in the block, they are removed again. Raises NoRoom.
    """
    written = []
    try:
        yield [_store(upload, written) for upload in uploads]
    except BaseException:
        for name in written:
            remove(name)
        raise


def _store(upload, written) -> Stored:
    name = new_name()
    written.append(name)
    upload.file.seek(0)
    try:
        default_storage.save(name, upload.file)
        _reach_the_disk(name)
    except OSError as error:
        logger.exception("A file could not be stored.")
        raise NoRoom(field="files") from error
    look = upload.look
    return Stored(upload.name, upload.content_type, look.size, look.sha256, name)


def new_name() -> str:
    """A random name, in one of 256 folders."""
    name = secrets.token_hex(16)
    return f"{FOLDER}/{name[:2]}/{name}"


def _reach_the_disk(name) -> None:
    """The row that follows must not outlive its file in a power cut."""
    with suppress(NotImplementedError):  # No folder of ours, such as S3.
        path = Path(default_storage.path(name))
        for each in (path, path.parent):
            handle = os.open(each, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def open_file(attachment):
    """The bytes of a file, to be read. Raises BytesMissing."""
    try:
        return default_storage.open(attachment.stored_as)
    except FileNotFoundError as error:
        logger.error("The file of attachment %s is missing.", attachment.pk)
        raise BytesMissing from error


def remove(name: str) -> None:
    """Removes what is stored under a name; what cannot be removed now goes at night."""
    try:
        default_storage.delete(name)
    except OSError:
        logger.warning("%s could not be removed.", name, exc_info=True)


def stored_names():
    """Everything that is stored."""
    with suppress(FileNotFoundError):
        for folder in default_storage.listdir(FOLDER)[0]:
            for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
                yield f"{FOLDER}/{folder}/{name}"
