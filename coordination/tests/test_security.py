"""What holds at every address: headers, no change by looking, no form without its token."""

import ast
import json
import os
import re
import ssl
import subprocess
import sys
from hashlib import sha256
from inspect import getsource
from itertools import cycle
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection, transaction
from django.test import Client
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from gunicorn.config import Config
from gunicorn.http.errors import ParseException
from gunicorn.http.parser import RequestParser
from kombu import Connection

from conftest import PASSWORD
from coordination.env import data_dir, database, secret_key
from coordination.tests.test_architecture import ORDER, modules
from coordination.tests.test_roles import PEOPLE, ROWS

pytestmark = pytest.mark.once

PLACES = [(name, thing) for name, thing, _get, _post in ROWS]
HELD_BACK = ("object-src", "base-uri", "frame-ancestors")
# What only says who is signed in, and since when.
OF_SESSIONS = {"django_session", "django_migrations"}


@pytest.mark.parametrize("person", ["nobody", "market_head", "outsider", "admin"])
def test_every_answer_carries_its_headers(world, person):
    """Pages, files and refusals alike: nothing inline runs, nothing is guessed, framed or kept."""
    browser = world.browser(person)
    answers = [browser.get(world.address(name, thing)) for name, thing in PLACES]
    answers += [browser.get("/nowhere/"), browser.get("/", headers={"host": "evil.example"})]
    assert {answer.status_code for answer in answers} >= {200, 302, 404, 400}
    for answer in answers:
        url = answer.request["PATH_INFO"]
        policy = dict(
            part.partition(" ")[::2] for part in answer["Content-Security-Policy"].split("; ")
        )
        # What people uploaded stands alone: nothing at all may be loaded or sent.
        ours = "'none'" if "sandbox" in policy else "'self'"
        assert policy["default-src"] == "'none'", url
        assert policy.get("script-src", "'none'") == policy.get("style-src", "'none'") == ours, url
        assert {policy[name] for name in HELD_BACK} == {"'none'"}, url
        assert policy["form-action"] == ours, url
        assert answer["X-Content-Type-Options"] == "nosniff", url
        assert answer["X-Frame-Options"] == "DENY", url
        # The address of that page holds the key of a link: not even our own pages get it.
        referrer = "strict-origin" if url == "/password/new/" else "same-origin"
        assert answer["Referrer-Policy"] == referrer, url
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin", url
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin", url
        assert "Access-Control-Allow-Origin" not in answer.headers, url
        assert not {"Server", "X-Powered-By", "Via"} & answer.headers.keys(), url
        assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", ")), url


def test_files_are_saved_not_opened(world):
    files = [
        world.browser("market_head").get(world.address("records:record_pdf", "running")),
        world.browser("market_head").get(world.address("records:record_workbook", "running")),
        world.browser("admin").get(world.address("accounts:import_template", "-")),
        world.browser("market_head").get(world.address("attachments:file_download", "file")),
    ]
    for answer in files:
        assert answer["Content-Disposition"].startswith("attachment;")


@pytest.mark.parametrize("person", ["market_head", "admin"])
def test_every_body_says_what_it_is_and_in_which_characters(world, person):
    for name, thing in PLACES:
        answer = world.browser(person).get(world.address(name, thing))
        if answer.streaming or answer.content:
            kind, _semicolon, rest = answer["Content-Type"].partition(";")
            is_text = kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
            assert "charset=" in rest or not is_text, name


def test_an_answer_repeats_nothing_of_the_request(world):
    """TRACE would send the cookie back to a script."""
    for name, thing in PLACES:
        address = world.address(name, thing)
        for method in ("TRACE", "CONNECT"):
            browser = world.browser("market_head", headers={"x-word": "echo"})
            answer = browser.generic(method, address)
            assert answer.status_code in (302, 403, 404, 405), (name, method)
            assert not answer.streaming and b"echo" not in answer.content, (name, method)


def test_static_files_carry_the_headers_too_and_no_folder_is_listed(db, client, settings, tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / "css/app.css").write_text("p {}")
    settings.STATIC_ROOT, settings.WHITENOISE_AUTOREFRESH = tmp_path, True
    file = client.get("/static/css/app.css")
    assert (file.status_code, file["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in file.headers
    assert "default-src 'none'" in file["Content-Security-Policy"]
    for folder in ("/static/", "/static/css/", "/static/css", "/static/../manage.py", "/.git/HEAD"):
        assert client.get(folder).status_code in (302, 404), folder


def test_signing_out_has_the_browser_forget(world):
    answer = world.browser("market_head").post("/sign-out/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


def stored() -> dict[str, str]:
    """A fingerprint of every table."""
    tables = sorted(set(connection.introspection.table_names()) - OF_SESSIONS)
    return {table: sha256(repr(rows(table)).encode()).hexdigest() for table in tables}


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        return cursor.fetchall()


@pytest.mark.parametrize(("name", "thing"), PLACES, ids=lambda text: text)
def test_looking_changes_nothing(world, name, thing):
    before = stored()
    for person in PEOPLE.values():
        world.browser(person).get(world.address(name, thing))
    assert stored() == before


@pytest.mark.parametrize("person", ["nobody", "market_head"])
def test_no_other_method_does_anything(world, person):
    before, browser = stored(), world.browser(person)
    for name, thing in PLACES:
        url = world.address(name, thing)
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"):
            answer = browser.generic(method, url, b"reason=x")
            known = {302, 403, 404, 405} | ({200} if method == "OPTIONS" else set())
            # Forms of allauth, which find themselves empty.
            known |= {422} if name.startswith(("account_", "mfa_")) else set()
            assert answer.status_code in known, (method, url)
            assert not answer.content or answer.status_code != 200, (method, url)
    assert stored() == before


def test_an_address_ends_where_it_ends(world):
    browser = world.browser("market_head")
    for name, thing in PLACES:
        url = world.address(name, thing).rstrip("/") + "/"
        for odd in (f"{url}x", f"{url}%00", f"{url};x", f"{url}%0a"):
            answer = browser.get(odd)
            assert answer.status_code in (301, 400, 404), odd  # 301: "/" is added


# A mail program posts here without a cookie (RFC 8058): the address itself is the signed token.
WITHOUT_TOKEN = {"accounts:unsubscribe"}


@pytest.mark.parametrize("person", ["nobody", "market_head", "admin"])
def test_no_form_is_taken_without_its_token(world, person):
    before = stored()
    for name, thing in PLACES:
        if name in WITHOUT_TOKEN:
            continue
        browser = world.browser(person, enforce_csrf_checks=True)
        answer = browser.post(world.address(name, thing), {"username": "经理D", "once": "x"})
        assert answer.status_code == 403, name
    assert stored() == before


def test_a_form_is_taken_with_its_token(world):
    browser = world.browser("nobody", enforce_csrf_checks=True)
    token = browser.get("/sign-in/").context["csrf_token"]
    words = {"username": "经理D", "password": PASSWORD, "csrfmiddlewaretoken": str(token)}
    assert browser.post("/sign-in/", words).status_code == 302


# Pages that one may also need without being signed in, and the one that leads back where one was.
ON_THE_WAY_IN = {
    "account_reset_password",
    "account_reset_password_from_key",
    "account_reauthenticate",
    "accounts:unsubscribe",
}


def test_every_page_has_the_way_out(world):
    without = set()
    for name, thing in PLACES:
        page = world.browser("market_head").get(world.address(name, thing))
        words = getattr(page, "content", b"")
        if page.status_code == 200 and b"<body" in words and b'"/sign-out/"' not in words:
            without.add(name)
    assert without <= ON_THE_WAY_IN


# Sessions ---------------------------------------------------------------------------------------


def test_the_key_of_a_session_cannot_be_guessed(world):
    keys = {world.browser(name).cookies["sessionid"].value for name in ("admin", "outsider")}
    assert len(keys) == 2
    for key in keys:
        assert re.fullmatch("[a-z0-9]{32}", key)  # 165 bits
    assert getsource(get_random_string).count("secrets.choice") == 1


def test_a_session_planted_before_signing_in_is_worth_nothing(world):
    victim = world.browser("nobody")
    session = victim.session
    session["planted"] = True
    session.save()
    victim.cookies["sessionid"] = session.session_key
    victim.post("/sign-in/", {"username": "经理D", "password": PASSWORD})
    assert victim.get("/").status_code == 200
    thief = Client()
    thief.cookies["sessionid"] = session.session_key
    assert thief.get("/")["Location"].startswith("/sign-in/")


def test_no_script_reads_a_cookie_and_no_other_site_sends_one(world):
    browser = world.browser("nobody")
    browser.get("/sign-in/")
    browser.post("/sign-in/", {"username": "经理D", "password": PASSWORD})
    browser.post("/language/", {"language": "en"})
    browser.post(world.address("tasks:open_assignment", "running"))  # leaves a message
    assert {"sessionid", "csrftoken", "messages", "django_language"} <= browser.cookies.keys()
    for name, cookie in browser.cookies.items():
        assert cookie["httponly"], name
        assert cookie["samesite"] == "Lax", name
        assert bool(cookie["secure"]) == settings.HTTPS, name


# As a real site sets it -------------------------------------------------------------------------

READ = """
import json
from django.conf import settings
begins = ("SECURE_", "SESSION_COOKIE", "CSRF_COOKIE", "LANGUAGE_COOKIE", "COOKIE_")
wanted = {"HTTPS", "DEBUG", "PASSWORD_HASHERS"} | {n for n in dir(settings) if n.startswith(begins)}
print(json.dumps({name: getattr(settings, name) for name in wanted}))
"""


@pytest.fixture(scope="session")
def real():
    """Settings of a site with a DATABASE_URL, read where nothing else is set."""
    variables = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "coordination.settings",
        "DATA_DIR": os.environ["DATA_DIR"],
        "DATABASE_URL": "postgres://coordination@db.example.com/coordination",
        "SECRET_KEY": "x" * 50,
    }
    done = subprocess.run(
        [sys.executable, "-c", READ], env=variables, cwd=settings.BASE_DIR, capture_output=True
    )
    return json.loads(done.stdout)


@pytest.fixture
def site(real, settings):
    for name, value in real.items():
        if name != "PASSWORD_HASHERS":
            setattr(settings, name, value)
    return Client(headers={"x-forwarded-proto": "https"})


def test_a_real_site_is_strict_without_being_told(real):
    assert real["HTTPS"] is True and real["DEBUG"] is False
    assert real["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600


def test_its_cookies_belong_to_this_host_and_https_alone(site, world):
    site.get("/sign-in/")
    site.post("/sign-in/", {"username": "经理D", "password": PASSWORD})
    site.post("/language/", {"language": "en"})
    site.post("/profile/security/sessions/end-others/")  # leaves a message
    names = {"sessionid", "csrftoken", "messages", "django_language"}
    assert {f"__Host-{name}" for name in names} <= site.cookies.keys()
    for name, cookie in site.cookies.items():
        assert name.startswith("__Host-"), name
        assert cookie["secure"] and cookie["httponly"], name
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name


def test_it_is_asked_by_https_alone(site, db):
    for path in ("/sign-in/", "/nowhere/", "/static/nothing.css", "/healthz"):
        words = site.get(path)["Strict-Transport-Security"]
        assert words == "max-age=31536000; includeSubDomains; preload", path
    plain = Client().get("/sign-in/?next=/tasks/")
    assert plain.status_code == 301
    assert plain["Location"] == "https://testserver/sign-in/?next=/tasks/"
    assert "Content-Security-Policy" in plain.headers


def test_passwords_are_kept_as_slow_hashes(real):
    first = import_string(real["PASSWORD_HASHERS"][0])
    assert first is PBKDF2PasswordHasher and first.algorithm == "pbkdf2_sha256"
    assert first.iterations >= 600_000


def test_lines_behind_are_encrypted_as_their_addresses_say(monkeypatch):
    """And then whoever answers must prove to be who was called."""
    address = "postgres://user:word@host/name?sslmode=verify-full&sslrootcert=/etc/ssl/ca.crt"
    monkeypatch.setenv("DATABASE_URL", address)
    options = database("DATABASE_URL")["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ssl/ca.crt")
    broker = Connection("rediss://:word@host:6379/0?ssl_cert_reqs=required")
    assert broker.ssl["ssl_cert_reqs"] is ssl.CERT_REQUIRED
    mail = EmailBackend(use_tls=True)
    assert mail.ssl_context.verify_mode is ssl.CERT_REQUIRED
    assert mail.ssl_context.check_hostname


# The way out ------------------------------------------------------------------------------------

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:///evil.example",
    "https://evil.example/",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "https://evil.example\\@testserver/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "\x00//evil.example",
    "//evil%E3%80%82example",
    " //evil.example",
    "\r\n//evil.example",
    "https:/evil.example",
    "https:\\\\evil.example",
    "ftp://testserver/evil",
    "//testserver:evil@evil.example",
]
# Of this site, as long as nobody decodes them.
ODD_HERE = [
    "/%0d%0aLocation:%20https://evil.example/",
    "%0d%0a//evil.example",
    "%2f%2fevil.example",
    "/%5cevil.example",
    "/\r\nLocation: https://evil.example/",
]


def test_no_page_leads_to_another_site_by_any_name(world):
    """Whatever a page may read the way on from, under the names that are usual for it; those that
    do are asked with every target below.
    """
    names = ("next", "url", "redirect", "redirect_to", "return", "returnTo", "continue", "back")
    for (name, thing, _get, post), target in zip(ROWS, cycle(ELSEWHERE + ODD_HERE), strict=False):
        asked = dict.fromkeys(names, target)
        headers = {"referer": target, "hx-current-url": target, "x-forwarded-host": "evil.example"}
        url, person = world.address(name, thing), who_acts(post)
        with transaction.atomic():
            browser = world.browser(person)
            answers = [
                browser.get(url, asked, headers=headers),
                browser.post(url, asked, headers=headers, query_params=asked),
            ]
            transaction.set_rollback(True)
        for answer in answers:
            check_stays_here(answer)


def who_acts(post):
    """Somebody for whom a POST leads on; else somebody who sees most."""
    done = (person for person, sign in zip(PEOPLE.values(), post, strict=True) if sign == ">")
    return next(done, "market_head")


def check_stays_here(answer):
    for header in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "Refresh"):
        target = answer.headers.get(header, "/")
        assert not re.search(r"[\s\\\0]", target), (answer.request["PATH_INFO"], target)
        place = urlsplit(urljoin("http://testserver/a/", target))
        assert place[:2] == ("http", "testserver"), (answer.request["PATH_INFO"], target)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nothing_leads_to_another_site(world, target):
    words = {"username": "经理D", "password": PASSWORD, "next": target}
    verb = world.address("tasks:open_assignment", "running")  # refused: back to where one was
    stranger, known = world.browser("nobody"), world.browser("market_head")
    answers = [
        stranger.post("/sign-in/", words, query_params={"next": target}),
        known.get("/sign-in/", {"next": target}),
        stranger.post("/language/", {"language": "en", "next": target}),
        stranger.post("/language/", {"language": "en"}, headers={"referer": target}),
        known.post("/sign-out/", {"next": target}),
        world.browser("market_head").post(verb, headers={"referer": target}),
        world.browser("market_head").post(verb, {"once": "x"}, headers={"referer": target}),
    ]
    assert {answer.status_code for answer in answers} == {302}
    for answer in answers:
        assert re.match(r"/(?![/\\])", answer["Location"]), answer.request["PATH_INFO"]
        assert "evil" not in answer["Location"], answer.request["PATH_INFO"]


# The line ---------------------------------------------------------------------------------------

TWO_ENDS = [
    b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET",
    b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    b"Content-Length: +5\r\n\r\nhello",
    b"Content-Length : 5\r\n\r\nhello",
    b"X: a\nContent-Length: 5\r\n\r\nhello",
    b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
]


def request_of(rest: bytes):
    """As the web server reads it with our configuration."""
    lines = b"POST / HTTP/1.1\r\nHost: testserver\r\n" + rest
    request = next(iter(RequestParser(Config(), iter([lines]), ("127.0.0.1", 1))))
    return request.headers, request.body.read()


@pytest.mark.parametrize("rest", TWO_ENDS)
def test_a_request_that_could_end_in_two_places_is_refused(rest):
    with pytest.raises((ParseException, OSError)):
        request_of(rest)


def test_a_header_that_only_looks_like_the_proxys_is_dropped():
    headers, body = request_of(b"X_Forwarded_Proto: https\r\nContent-Length: 5\r\n\r\nhello")
    assert dict(headers) == {"HOST": "testserver", "CONTENT-LENGTH": "5"}
    assert body == b"hello"


# The tree ---------------------------------------------------------------------------------------

SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bxox[bpars]-\w{10}"
    r"|\bsk-[A-Za-z0-9]{32}|django-insecur[e]-"
)
NOT_FOR_THE_TREE = re.compile(r"(^|/)(\.env|secret_key|.*\.(sqlite3|pem|key|p12|pfx|dump))$")


OWN = [path for package in [*ORDER, "coordination"] for path in modules(package)]
# What makes code of text, or objects of bytes.
NEVER = {"eval", "exec", "compile", "__import__", "system", "popen"}
NEVER_IMPORTED = {"pickle", "marshal", "shelve", "yaml", "ctypes", "telnetlib", "ftplib"}
# Runs the processes of the system itself, from fixed words.
STARTS_PROCESSES = {"coordination/supervisor.py"}
# The statements in these are fixed; what people send is in no database's language anywhere.
OWN_SQL = {"audit/append_only.py", "audit/seals.py"}


def names_in(path):
    """(what is called bare or as a method, what is imported) in a module."""
    called, imports = set(), set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", None)
            called.add(name or f".{getattr(node.func, 'attr', '')}")
        elif isinstance(node, ast.Import):
            imports |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports.add((node.module or "").partition(".")[0])
    return called, imports


def test_no_text_becomes_code_a_command_or_an_object():
    for path in OWN:
        called, imports = names_in(path)
        name = str(path.relative_to(settings.BASE_DIR))
        assert not called & NEVER, name
        assert not imports & (NEVER_IMPORTED | {"subprocess"}) or name in STARTS_PROCESSES, name


def test_no_text_becomes_a_statement_of_the_database():
    own = set()
    for path in OWN:
        called, _imports = names_in(path)
        assert not called & {".raw", ".extra", "RawSQL", ".RawSQL"}, path
        if called & {".execute", ".executemany"}:
            own.add(str(path.relative_to(settings.BASE_DIR)))
    assert own <= OWN_SQL


def test_our_scripts_run_no_text_keep_nothing_and_hear_no_other_window():
    for path in (settings.BASE_DIR / "static/js").glob("*.js"):
        for word in (
            "eval(",
            "new Function",
            "document.write",
            "postMessage",
            "onmessage",
            "localStorage",
            "sessionStorage",
            "indexedDB",
            "document.cookie",
            "onpaste",
        ):
            assert word not in path.read_text(), (path.name, word)


# A name that came from outside, `__proto__` for one, given a value or merged in.
BY_A_NAME_FROM_OUTSIDE = re.compile(
    r"[\w)]\[[^\]'\"]+\]\s*=[^=]|Object\.(assign|setPrototypeOf|defineProperty)|__proto__"
)


def test_our_scripts_set_nothing_by_a_name_from_outside():
    for path in (settings.BASE_DIR / "static/js").glob("*.js"):
        assert not BY_A_NAME_FROM_OUTSIDE.search(path.read_text()), path.name
    assert BY_A_NAME_FROM_OUTSIDE.search("target[name] = value")


def test_no_weak_hash_is_used():
    for path in OWN:
        called, imports = names_in(path)
        assert not called & {".md5", ".sha1", "md5", "sha1", ".crc32"}, path
        assert "random" not in imports, path


def test_what_is_secret_is_readable_by_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("SECRET_KEY", raising=False)
    folder = data_dir(tmp_path)
    key = secret_key(folder, embedded=True)
    assert len(key) > 80 and key == secret_key(folder, embedded=True)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600


def test_no_secret_is_in_the_tree():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=settings.BASE_DIR, capture_output=True, check=True
    )
    names = [name for name in listed.stdout.decode().split("\0") if name]
    assert not [name for name in names if NOT_FOR_THE_TREE.search(name)]
    for name in names:
        path = settings.BASE_DIR / name
        if path.is_file():
            assert not SECRET.search(path.read_text(errors="ignore")), name
