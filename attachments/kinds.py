"""What a file is, by its bytes: an ending is only believed where the bytes agree.

An own list: libraries of signatures know hundreds of kinds, but neither what an office uses nor
macros, text, or files that are two things at once.
"""

import re
from codecs import getincrementaldecoder
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError

HEAD = 1024
# A zip ends with 22 bytes and a comment of at most 65,535.
TAIL = 22 + 65_535


class FileRefused(DomainError):
    """A file that is not taken; the message says why."""

    code = "file_refused"


@dataclass(frozen=True)
class Kind:
    """A kind that is taken: how it begins, and a name that must stand somewhere in it."""

    content_type: str
    begins: re.Pattern
    holds: bytes = b""


def _kind(content_type, begins, holds=b""):
    return Kind(content_type, re.compile(begins, re.DOTALL), holds)


OLE = rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = rb"PK\x03\x04"
OPEN_XML = "application/vnd.openxmlformats-officedocument."
JPEG = _kind("image/jpeg", rb"\xff\xd8\xff")
HEIC = _kind("image/heic", rb"....ftyp(hei[cmsx]|hev[cx]|mif1|msf1)")

KINDS = {
    "pdf": _kind("application/pdf", rb"%PDF-[12]\."),
    "ofd": _kind("application/ofd", ZIP, b"ofd.xml"),
    "doc": _kind("application/msword", OLE),
    "xls": _kind("application/vnd.ms-excel", OLE),
    "ppt": _kind("application/vnd.ms-powerpoint", OLE),
    "wps": _kind("application/wps-office.wps", OLE),
    "et": _kind("application/wps-office.et", OLE),
    "dps": _kind("application/wps-office.dps", OLE),
    "docx": _kind(OPEN_XML + "wordprocessingml.document", ZIP, b"word/"),
    "xlsx": _kind(OPEN_XML + "spreadsheetml.sheet", ZIP, b"xl/"),
    "pptx": _kind(OPEN_XML + "presentationml.presentation", ZIP, b"ppt/"),
    "png": _kind("image/png", rb"\x89PNG\r\n\x1a\n"),
    "jpg": JPEG,
    "jpeg": JPEG,
    "gif": _kind("image/gif", rb"GIF8[79]a"),
    "webp": _kind("image/webp", rb"RIFF....WEBP"),
    "heic": HEIC,
    "heif": HEIC,
    "mp4": _kind("video/mp4", rb"....ftyp(iso[m2-9]|mp4[12]|avc1|M4V |MSNV|dash)"),
    "zip": _kind("application/zip", ZIP),
}
TEXTS = {"txt": "text/plain", "csv": "text/csv", "md": "text/markdown"}
ENDINGS = [*KINDS, *TEXTS]
CONTENT_TYPES = {kind.content_type for kind in KINDS.values()} | set(TEXTS.values())

WITH_MACROS = {"docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppam", "ppsm"}
TO_BE_RUN = re.compile(
    "app|apk|bat|bin|cmd|com|cpl|dll|elf|exe|hta|html?|iso|jar|jse?|lnk|msi|php|pl|ps1|py|reg|"
    "scr|sh|svgz?|swf|vb[es]|wsf|xht(ml)?|xml"
)

# Names inside Office files stand there uncompressed; those of OLE in UTF-16. All in lower case.
ENCRYPTED = "encryptedpackage".encode("utf-16-le")
MACROS = (b"vbaproject.bin", b"xl/macrosheets/", "_vba_project".encode("utf-16-le"))
MARKS = (ENCRYPTED, *MACROS, *(kind.holds for kind in KINDS.values() if kind.holds))

CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
A_PAGE_OR_SCRIPT = re.compile(
    r"\s*(#!|<(!doctype|html|head|body|script|svg|iframe|\?xml|\?php))", re.IGNORECASE
)
HIDDEN_PAGE = re.compile(rb"<\s*(script|html|svg|iframe|\?php|!doctype\s+html)", re.IGNORECASE)
# The width and height of a GIF that begins a comment or a statement of a script.
GIF_AND_SCRIPT = re.compile(rb"GIF8[79]a(/[*/]|\s*=[ -~]|[ -~]{4})")

PROGRAM = _("Programs, scripts and web pages are not taken.")
MACRO = _("Files with macros are not taken. Save it without macros, such as .docx or .xlsx.")
OTHER = _(
    "Files of this kind are not taken. Taken are PDF, OFD, Word, Excel, PowerPoint, WPS, pictures, "
    "MP4, text, CSV and ZIP."
)
CONTRADICTS = _("What is in it is not what its ending says.")
TWO_THINGS = _("It can be read as two kinds of file at once and is not taken.")


@dataclass(frozen=True)
class Look:
    """What one reading of a file finds."""

    size: int
    sha256: str
    head: bytes
    tail: bytes
    marks: frozenset
    """those of MARKS that stand in it"""
    has_control: bool
    """bytes that no text holds"""


def look_at(file) -> Look:
    """Reads a file once, in pieces."""
    digest, marks, has_control, before = sha256(), set(), False, b""
    for piece in file.chunks():
        digest.update(piece)
        window = (before + piece).lower()
        marks |= {mark for mark in MARKS if mark not in marks and mark in window}
        has_control = has_control or bool(CONTROL.search(piece))
        before = piece[-64:]
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(0, file.size - TAIL))
    tail = file.read()
    return Look(file.size, digest.hexdigest(), head, tail, frozenset(marks), has_control)


def content_type_of(ending: str, look: Look) -> str:
    """The content type that the bytes prove. Raises FileRefused with the reason."""
    if ending in TEXTS:
        return _text(ending, look)
    if ending not in KINDS:
        raise FileRefused(_why_not(ending))
    kind = KINDS[ending]
    if not (_is(kind, look) or _is_encrypted(kind, look)):
        raise FileRefused(CONTRADICTS)
    if _is_office(kind) and look.marks.intersection(MACROS):
        raise FileRefused(MACRO)
    if _is_something_else_too(kind, look):
        raise FileRefused(TWO_THINGS)
    return kind.content_type


def _why_not(ending):
    if ending in WITH_MACROS:
        return MACRO
    return PROGRAM if TO_BE_RUN.fullmatch(ending) else OTHER


def _is_office(kind):
    return kind.begins.pattern == OLE or kind.content_type.startswith(OPEN_XML)


def _is(kind, look):
    return kind.begins.match(look.head) and (not kind.holds or kind.holds in look.marks)


def _is_encrypted(kind, look):
    """Office wraps what has a password into the old format."""
    wrapped = re.match(OLE, look.head) and ENCRYPTED in look.marks
    return wrapped and kind.content_type.startswith(OPEN_XML)


def _is_something_else_too(kind, look):
    is_zip = kind.begins.pattern == ZIP
    return (
        HIDDEN_PAGE.search(look.head)
        or GIF_AND_SCRIPT.match(look.head)
        or (not is_zip and _ends_as_zip(look.tail))
    )


def _ends_as_zip(tail: bytes) -> bool:
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and tail[at + 20 : at + 22] == (len(tail) - at - 22).to_bytes(2, "little")


def _text(ending, look):
    """UTF-8, GB 18030 and UTF-16 are text; a page or a script is not, whatever its ending."""
    begin = _begin_of_text(look)
    if begin is None:
        raise FileRefused(CONTRADICTS)
    if A_PAGE_OR_SCRIPT.match(begin.lstrip("\ufeff")):
        raise FileRefused(PROGRAM)
    return TEXTS[ending]


def charset_of(head: bytes) -> str:
    """In which characters a text that was taken begins; what is cut off at the end is no fault."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _begin_of_text(look) -> str | None:
    if look.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        begin = look.head[: len(look.head) // 2 * 2].decode("utf-16", errors="replace")
        return None if "\0" in begin or begin.count("\ufffd") > 1 else begin
    return None if look.has_control else look.head.decode(errors="replace")
