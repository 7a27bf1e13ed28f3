"""Files for tests: bytes of each kind, as small as they can be."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from attachments.forms import check
from attachments.models import Attachment
from attachments.services import attach_file
from attachments.storage import Stored, stored

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40
GIF = b"GIF89a\x3d\x00\x10\x00\x80\0\0" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 40
CSV = "门店,完成\n一店,是\n".encode()


def zipped(*names: str) -> bytes:
    """A zip with empty files of these names."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return target.getvalue()


DOCX = zipped("[Content_Types].xml", "word/document.xml")
XLSX = zipped("[Content_Types].xml", "xl/workbook.xml")


def upload(name="清单.csv", data=CSV, content_type="application/octet-stream"):
    return SimpleUploadedFile(name, data, content_type)


def put(name="清单.csv", data=CSV) -> Stored:
    """A file whose bytes are stored."""
    with stored([check(upload(name, data))]) as files:
        return files[0]


def attached(part, *, by, now, name="清单.csv", data=CSV) -> Attachment:
    return attach_file(part=part, file=put(name, data), by=by, now=now)
