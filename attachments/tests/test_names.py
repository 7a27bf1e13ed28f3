"""A name says what it said, without path, tricks of writing or anything a file system refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachments.names import LONGEST, clean_name, ending_of

NAMES = [
    ("渠道清单 2024.xlsx", "渠道清单 2024.xlsx"),
    ("../../etc/passwd.txt", "passwd.txt"),
    ("C:\\Users\\经理D\\方案.pdf", "方案.pdf"),
    ("a\u202efdp.exe", "afdp.exe"),
    ("a\u200b\ufeff\u2066b.pdf", "ab.pdf"),
    ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
    ("a\0b.pdf", "ab.pdf"),
    ('<img src="x">.png', "_img src=_x__.png"),
    ("  . 方案 . pdf", "方案.pdf"),
    (".htaccess", "htaccess"),
    ("...", "_"),
    ("", "_"),
    ("e\u0301.pdf", "é.pdf"),
    ("😀.pdf", "😀.pdf"),
]


@pytest.mark.parametrize(("given_name", "expected"), NAMES)
def test_a_name_is_cleaned(given_name, expected):
    assert clean_name(given_name) == expected


def test_a_long_name_keeps_its_ending():
    name = clean_name("长" * 500 + ".xlsx")
    assert len(name) == LONGEST
    assert name.endswith("长.xlsx")


@given(st.text(max_size=300))
def test_whatever_is_given_the_name_fits_and_is_clean_already(text):
    name = clean_name(text)
    assert 0 < len(name) <= LONGEST
    assert clean_name(name) == name
    assert not set(name) & set('/\\\r\n\0<>:"|?*\u202e')


def test_the_ending_is_what_stands_behind_the_last_dot():
    assert [ending_of(name) for name in ("a.PDF", "a.tar.gz", "a")] == ["pdf", "gz", ""]
