"""What opens a door is written into no log and no report, however much is logged."""

import datetime as dt
import io
import logging
import os
import subprocess
import sys
from logging.config import DictConfigurator
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils.log import AdminEmailHandler
from gunicorn.config import Config

from accounts.models import User
from accounts.unsubscribe import token_of
from conftest import PASSWORD
from coordination import gunicorn
from signin.links import link_for

NEW = "Ganz-neues-Geheimnis-2099"
WRONG = "Falsches-Geheimnis-2099"
COOKIE = "sitzungsgeheimnis"


@pytest.fixture
def log():
    """All loggers at DEBUG, in the layout of the settings."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    layout = settings.LOGGING["formatters"]["line"]
    handler.setFormatter(DictConfigurator({}).configure_formatter(dict(layout)))
    names = [None, *logging.root.manager.loggerDict]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def browser():
    return Client(raise_request_exception=False)


def test_no_log_holds_a_password_a_session_or_the_key_of_a_link(cast, log, monkeypatch):
    person, client = cast.market_head, browser()
    client.post("/sign-in/", {"username": person.username, "password": WRONG})
    client.post("/sign-in/", {"username": person.username, "password": PASSWORD})
    session = client.cookies["sessionid"].value
    words = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/profile/password/", words).status_code == 302
    session = [session, client.cookies["sessionid"].value]
    person.refresh_from_db()
    link, token = link_for(person), token_of(person)
    key = link.partition("key=")[2]
    nowhere = (
        f"/mail-about-changes/{token}x/",
        f"/nowhere/?key={key}",
        f"/nowhere/?next=/&token={token}",
    )
    for url in (link.removeprefix(settings.SITE_URL), f"/mail-about-changes/{token}/", *nowhere):
        browser().get(url)

    def broken(*args, **kwargs):
        raise RuntimeError(f"failed at /mail-about-changes/{token}/?key={key}")

    monkeypatch.setattr("accounts.views.unsubscribe.person_of", broken)
    monkeypatch.setattr(User, "check_password", broken)
    assert browser().post(f"/mail-about-changes/{token}/", {"password": NEW}).status_code == 500
    again = {"username": person.username, "password": NEW}
    assert browser().post("/sign-in/", again).status_code == 500

    text = log.getvalue()
    assert (
        "RuntimeError" in text and "/mail-about-changes/[hidden]" in text and "key=[hidden]" in text
    )
    for secret in (PASSWORD, NEW, WRONG, token, key, *session, person.password):
        assert secret not in text


def request_with_secrets():
    words = {"password": NEW, "comment": "vertraulich"}
    request = RequestFactory().post(f"/mail-about-changes/tok.en/?key={WRONG}", words)
    request.COOKIES["sessionid"] = request.META["HTTP_COOKIE"] = f"sessionid={COOKIE}"
    return request


def test_a_report_of_an_error_carries_nothing_of_what_was_sent(settings, mailoutbox):
    """Mails of errors are off; they would be as harmless as the log."""
    settings.ADMINS = [("Ann", "ann@example.com")]
    handler, password = AdminEmailHandler(include_html=True), NEW
    handler.setFormatter(DictConfigurator({}).configure_formatter(dict(layout_of(settings))))
    try:
        raise RuntimeError(len(password))
    except RuntimeError:
        record = logging.LogRecord("django", 40, "", 1, "Failed", None, sys.exc_info())
    record.request = request_with_secrets()
    handler.emit(record)
    mail = mailoutbox[0]
    text = mail.body + "".join(body for body, _kind in mail.alternatives)
    assert "test_secrets.py" in text
    for secret in (NEW, "vertraulich", COOKIE):
        assert secret not in text


def layout_of(settings):
    return settings.LOGGING["formatters"]["line"]


def test_nothing_is_mailed_when_a_page_fails(db, settings, mailoutbox, monkeypatch):
    settings.ADMINS = [("Ann", "ann@example.com")]
    monkeypatch.setattr("accounts.views.unsubscribe.person_of", lambda token: 1 / 0)
    assert browser().get("/mail-about-changes/x/").status_code == 500
    assert mailoutbox == []


def test_the_access_log_of_the_web_server_hides_them_too(tmp_path):
    config = Config()
    config.set("accesslog", str(tmp_path / "access.log"))
    config.set("access_log_format", config.access_log_format + " %({cookie}i)s")
    log = gunicorn.logger_class(config)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/mail-about-changes/tok.en/?key={NEW}&page=2",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"http://127.0.0.1/password/new/?key={WRONG}",
    }
    request = SimpleNamespace(headers=[("COOKIE", f"sessionid={COOKIE}; csrftoken={COOKIE}")])
    answer = SimpleNamespace(status="200 OK", sent=10, headers=[])
    log.access(answer, request, environ, dt.timedelta(seconds=1))
    text = (tmp_path / "access.log").read_text()
    assert "GET /mail-about-changes/[hidden]/?key=[hidden]&page=2" in text
    for secret in (NEW, WRONG, COOKIE, "tok.en"):
        assert secret not in text


@pytest.mark.once
def test_a_start_that_fails_names_the_variable_and_not_its_password(tmp_path):
    given = {"DATABASE_URL": f"postgres://user:{NEW}:x@host:port/db", "SECRET_KEY": "x" * 50}
    given["DATA_DIR"] = str(tmp_path)
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=os.environ | given,
        capture_output=True,
        text=True,
    )
    assert run.returncode
    assert "DATABASE_URL is not an address of a database" in run.stderr
    assert NEW not in run.stderr + run.stdout
