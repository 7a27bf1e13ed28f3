"""A file is what its bytes say; what could run or is two things at once is not taken."""

import pytest

from attachments.forms import check
from attachments.kinds import CONTRADICTS, MACRO, OTHER, PROGRAM, TWO_THINGS, FileRefused
from attachments.tests.files import DOCX, GIF, JPEG, OLE, PDF, PNG, XLSX, upload, zipped

HEIC = b"\0\0\0\x18ftypheic" + b"\0" * 40
MP4 = b"\0\0\0\x18ftypisom" + b"\0" * 40
WEBP = b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 40
UTF_16 = "门店清单\n一店".encode("utf-16")
PPTX = zipped("[Content_Types].xml", "ppt/presentation.xml")
LOCKED = OLE + "EncryptedPackage".encode("utf-16-le")

TAKEN = [
    ("方案.pdf", PDF, "application/pdf"),
    ("方案.PDF", PDF, "application/pdf"),
    ("发票.ofd", zipped("OFD.xml"), "application/ofd"),
    ("旧.doc", OLE, "application/msword"),
    ("旧.xls", OLE, "application/vnd.ms-excel"),
    ("旧.ppt", OLE, "application/vnd.ms-powerpoint"),
    ("金山.wps", OLE, "application/wps-office.wps"),
    ("金山.et", OLE, "application/wps-office.et"),
    ("金山.dps", OLE, "application/wps-office.dps"),
    ("a.docx", DOCX, "wordprocessingml.document"),
    ("a.xlsx", XLSX, "spreadsheetml.sheet"),
    ("a.pptx", PPTX, "presentationml.presentation"),
    ("locked.xlsx", LOCKED, "spreadsheetml.sheet"),
    ("照片.jpg", JPEG, "image/jpeg"),
    ("照片.jpeg", JPEG, "image/jpeg"),
    ("a.png", PNG, "image/png"),
    ("a.gif", GIF, "image/gif"),
    ("a.webp", WEBP, "image/webp"),
    ("a.heic", HEIC, "image/heic"),
    ("a.mp4", MP4, "video/mp4"),
    ("a.zip", zipped("a.txt"), "application/zip"),
    ("a.txt", "会议纪要\r\n\t一、".encode(), "text/plain"),
    ("a.txt", "会议纪要".encode("gb18030"), "text/plain"),
    ("a.csv", b"\xef\xbb\xbf" + "门店,完成".encode(), "text/csv"),
    ("a.csv", UTF_16, "text/csv"),
    ("a.md", b"# 1 < 2 <b>", "text/markdown"),
]

REFUSED = [
    ("a.exe", b"MZ\x90\0", PROGRAM),
    ("a.html", b"<p>", PROGRAM),
    ("a.svg", b"<svg/>", PROGRAM),
    ("a.js", b"alert(1)", PROGRAM),
    ("a.sh", b"#!/bin/sh", PROGRAM),
    ("a.pdf.exe", PDF, PROGRAM),
    ("a.rar", b"Rar!", OTHER),
    ("a", PDF, OTHER),
    ("a.docm", DOCX, MACRO),
    ("a.xlsm", XLSX, MACRO),
    ("a.docx", zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), MACRO),
    ("a.xlsx", zipped("[Content_Types].xml", "xl/macrosheets/sheet1.xml"), MACRO),
    ("a.doc", OLE + "_VBA_PROJECT".encode("utf-16-le"), MACRO),
    ("a.pdf", b"MZ\x90\0", CONTRADICTS),
    ("a.pdf", b"junk" + PDF, CONTRADICTS),
    ("a.png", JPEG, CONTRADICTS),
    ("a.jpg", b"<script>alert(1)</script>", CONTRADICTS),
    ("a.docx", XLSX, CONTRADICTS),
    ("a.xlsx", OLE, CONTRADICTS),
    ("a.docx", zipped("a.txt"), CONTRADICTS),
    ("a.zip", PDF, CONTRADICTS),
    ("a.txt", b"MZ\x90\0\x03", CONTRADICTS),
    ("a.csv", PDF + b"\0", CONTRADICTS),
    ("a.txt", b"\xff\xfe\0\0\x01\0\0\0", CONTRADICTS),
    ("a.txt", b"<!DOCTYPE html><script>", PROGRAM),
    ("a.md", b"  <svg onload=alert(1)>", PROGRAM),
    ("a.csv", b"#!/usr/bin/env python", PROGRAM),
    ("a.txt", "<script>".encode("utf-16"), PROGRAM),
    ("a.pdf", b"%PDF-1.7\n<script>alert(1)</script>", TWO_THINGS),
    ("a.gif", b"GIF89a/*\0\0\0\0\0" + b"\0" * 20 + b"*/=1;alert(1)", TWO_THINGS),
    ("a.gif", b"GIF89a=1;alert(1)//", TWO_THINGS),
    ("a.gif", GIF + b"<script>alert(1)</script>", TWO_THINGS),
    ("a.png", PNG + zipped("a.class"), TWO_THINGS),
    ("a.pdf", PDF + zipped("a.exe"), TWO_THINGS),
]


@pytest.mark.parametrize(("name", "data", "expected"), TAKEN)
def test_what_offices_use_is_taken_and_named_by_its_bytes(name, data, expected):
    assert check(upload(name, data, "text/html")).content_type.endswith(expected)


@pytest.mark.parametrize(("name", "data", "reason"), REFUSED)
def test_what_could_run_or_contradicts_its_ending_is_refused_with_the_reason(name, data, reason):
    with pytest.raises(FileRefused) as refusal:
        check(upload(name, data))
    assert refusal.value.message == reason


def test_macros_are_found_wherever_they_stand_in_a_large_file():
    """Also where one piece of the reading ends and the next begins."""
    for place in (65_530, 65_536, 300_000):
        data = DOCX + b"\xee" * (place - len(DOCX)) + b"word/vbaProject.bin" + b"\xee" * 70_000
        with pytest.raises(FileRefused):
            check(upload("a.docx", data))


def test_an_empty_file_is_refused():
    with pytest.raises(FileRefused, match="empty"):
        check(upload("a.txt", b""))


def test_a_file_that_is_too_large_is_refused_and_the_largest_is_taken(settings):
    settings.ATTACHMENT_MAX_MB, settings.ATTACHMENT_MAX_BYTES = 1, 1024 * 1024
    assert check(upload("a.txt", b"x" * 1024 * 1024))
    with pytest.raises(FileRefused, match="larger than 1 MB"):
        check(upload("a.txt", b"x" * (1024 * 1024 + 1)))
