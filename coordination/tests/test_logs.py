"""What a line of the log holds, and that nobody can write one."""

import logging
import re

import pytest
from django.conf import settings
from django.test import Client

from coordination.logs import LineFormatter

ENTRY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (WARNING|ERROR) [\w.]+: ")


def line_of(message, *args, exc_info=None, **extra) -> str:
    record = logging.LogRecord(
        "tasks", logging.WARNING, __file__, 1, message, args, exc_info=exc_info
    )
    record.__dict__.update(extra)
    return LineFormatter().format(record)


def test_a_line_says_when_in_utc():
    record = logging.LogRecord("tasks", logging.WARNING, __file__, 1, "late", (), None)
    record.created, record.msecs = 1_760_000_000.25, 250.0
    assert LineFormatter().format(record) == "2025-10-09T08:53:20.250Z WARNING tasks: late"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x00", "\x1b[2K"])
def test_no_text_begins_a_line_of_its_own(end):
    forged = "2026-11-23T00:00:00.000Z ERROR audit: nothing was changed"
    line = line_of("Not sent: %s", f"x{end}{forged}")
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line and "\x00" not in line


def test_nor_does_what_went_wrong():
    forged = "2026-11-23T00:00:00.000Z ERROR audit: nothing was changed"
    try:
        raise ValueError(f"x\n{forged}")
    except ValueError as error:
        line = line_of("Failed", exc_info=(type(error), error, error.__traceback__))
    first, *rest = line.split("\n")
    assert ENTRY.match(first)
    assert rest and all(text.startswith("    ") for text in rest)


@pytest.mark.django_db
def test_a_refusal_is_written_with_who_asked_and_from_where(cast, sign_in, caplog):
    browser = sign_in(cast.market_staff)
    browser.get("/organisation/operations/")
    browser.get("/tasks/999999/")
    words = [LineFormatter().format(record) for record in caplog.records]
    person = f"[GET, person {cast.market_staff.pk}, 127.0.0.1]"
    assert any("Forbidden: " in line and line.endswith(person) for line in words)
    assert any("Not Found: /tasks/999999/" in line and line.endswith(person) for line in words)


@pytest.mark.django_db
def test_what_tries_to_get_around_is_written(caplog):
    strict = Client(enforce_csrf_checks=True)
    strict.post("/sign-in/", {"username": "x", "password": "y"})
    strict.get("/sign-in/", headers={"host": "evil.example"})
    names = {record.name for record in caplog.records}
    assert {"django.security.csrf", "django.security.DisallowedHost"} <= names
    for record in caplog.records:
        assert ENTRY.match(LineFormatter().format(record))


def test_the_log_goes_to_one_place():
    assert [handler["class"] for handler in settings.LOGGING["handlers"].values()] == [
        "logging.StreamHandler"
    ]
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    assert not any("handlers" in logger for logger in settings.LOGGING.get("loggers", {}).values())
