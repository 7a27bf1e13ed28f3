"""Whatever is sent to whichever address: an answer, never a 500; text stays text.

Every address is opened, every parameter and every field of every form is filled with nonsense, the
rest of the form being plausible, so that the nonsense gets as far as it can.
"""

import re

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import NoReverseMatch, reverse

from coordination.forms import PlainForm
from coordination.tests.hostile import BYTES, DAYS, LONG, NUMBERS, SCRIPTS, SHAPES, TEXTS
from coordination.tests.html_forms import forms_of
from coordination.tests.test_roles import PAGES, ROWS
from coordination.tests.world import addresses

NUL = "a\0b"
DIGITS = "9" * 20
HOSTILE = "=1+1 <script>alert(1)</script> {{7*7}} {% now %} \u202e' OR 1=1 -- 😀 \ud7ff"
TEXT = {"text", "textarea", "people", "email", "password", "search"}
ODD = {
    "date": ["2024-13-40", "0001-01-01", "9999-12-31"],
    "datetime-local": ["2024-13-40T99:99", "0001-01-01T00:00", "9999-12-31T23:59"],
    "other": [DIGITS, "-1"],
}
EVERYWHERE = [NUL, LONG, HOSTILE, DIGITS, "-1", *ODD["date"]]
FILES = [
    SimpleUploadedFile("../../\0x.csv", b"\0" * 1000),
    SimpleUploadedFile("a.xlsx", b"PK\x03\x04" + b"\xff" * 1000),
    SimpleUploadedFile("x.svg", f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPTS[0]}".encode()),
    SimpleUploadedFile("x.gif.csv", b"GIF89a/*" + SCRIPTS[0].encode() + b"*/=1;PK\x03\x04%PDF-1.7"),
    SimpleUploadedFile("😀" * 200 + ".csv", HOSTILE.encode("utf-16")),
    "no file at all",
]
KEYS = {"csrfmiddlewaretoken", "once"}
# The first row of several stands for all; nobody reads how many rows there may be.
PASSED_OVER = re.compile(r"-[1-9]\d*-|-M(IN|AX)_NUM_FORMS$")
# Parameters that pages read and no form of theirs shows.
HIDDEN = ["before", "page", "next", "language", "purpose", "topic", "parent", "show", "from"]
HIDDEN += ["department", "state", "number_pattern", "week", "nothing"]
HIDDEN += ["month", "day", "overdue", "scope", "task", "view", "kind"]

AS_MARKUP = ["<script>alert(1)", *(script for script in SCRIPTS if script.startswith("<"))]
INSIDE = ["Traceback", str(settings.BASE_DIR), "django.db", "sqlite3", "psycopg", "SELECT "]


def check(response, what):
    """A sound answer: no failure, nothing of the inside, no word of the sender as markup."""
    assert response.status_code < 500, what
    if "html" in response.headers.get("Content-Type", ""):
        text = response.content.decode()
        assert not [script for script in AS_MARKUP if script in text], what
        assert not [word for word in INSIDE if word in text], what


def send(world, person, form, changes):
    """Sends a filled-in form, and opens where it leads when text may show there; undoes it all."""
    follow = HOSTILE in changes.values()
    with transaction.atomic():
        response = world.browser(person).post(form.action, form.filled(**changes), follow=follow)
        transaction.set_rollback(True)
    check(response, f"{form.action} {changes!r:.80}")
    return response


def own_forms(world, name, thing, person):
    """The forms of a page that have fields; the bar's stand for all on the home page."""
    page = world.browser(person).get(world.address(name, thing))
    if "html" not in page.headers["Content-Type"]:
        return []
    forms = [form for form in forms_of(page) if form.inputs.keys() - KEYS]
    return forms if name == "home" else [f for f in forms if f.action != "/language/"]


@pytest.mark.parametrize(("name", "thing", "person"), PAGES, ids=lambda text: text)
def test_a_form_filled_in_is_taken(world, name, thing, person):
    """Otherwise the tests below would not get past the first refusal."""
    for form in own_forms(world, name, thing, person):
        if form.method == "post" and name != "account_login":
            response = send(world, person, form, {})
            assert response.status_code == 302, (form.action, form.filled())


@pytest.mark.parametrize(("name", "thing", "person"), PAGES, ids=lambda text: text)
def test_every_field_takes_nonsense(world, name, thing, person):
    for form in own_forms(world, name, thing, person):
        if form.method != "post":
            continue
        for field, each in form.inputs.items():
            if field not in KEYS and each.kind not in TEXT and not PASSED_OVER.search(field):
                for value in FILES if each.kind == "file" else ODD.get(each.kind, ODD["other"]):
                    send(world, person, form, {field: value})
        texts = [field for field, each in form.inputs.items() if each.kind in TEXT]
        for value in (NUL, LONG, HOSTILE):
            send(world, person, form, dict.fromkeys(texts, value))
            send(world, person, form, dict.fromkeys(form.inputs.keys() - KEYS, value))
        send(world, person, form, {field: [NUL, LONG, HOSTILE] for field in form.inputs})


ROUNDS = 4
# What differs when a text has been in a page: the ends of lines, letters that no page may hold.
LOST = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffd-\uffff]")


def in_turn(corpus, fields, begin) -> dict:
    """Another text of the corpus for each field; from one form to the next all have their turn."""
    return {field: corpus[(begin + n) % len(corpus)] for n, field in enumerate(fields)}


def kept_in(response, form) -> dict:
    """What stands in the fields of the form that a refusal shows again."""
    same = [shown for shown in forms_of(response) if shown.inputs.keys() >= form.inputs.keys()]
    return {field: each.values for field, each in same[0].inputs.items()} if same else {}


@pytest.mark.once
@pytest.mark.parametrize(("name", "thing", "person"), PAGES, ids=lambda text: text)
def test_the_corpus_is_taken_as_text_or_refused_with_what_was_typed(world, name, thing, person):
    begin = PAGES.index((name, thing, person)) * 7
    for form in own_forms(world, name, thing, person):
        if form.method != "post":
            continue
        fields = [field for field in form.inputs if field not in KEYS and field != "version"]
        texts = [field for field in fields if form.inputs[field].kind in TEXT - {"password"}]
        others = [field for field in fields if form.inputs[field].kind not in {*TEXT, "file"}]
        for turn in range(ROUNDS):
            typed = in_turn(TEXTS, texts, begin + turn * (len(texts) + 1))
            response = send(world, person, form, typed)
            if response.status_code == 422:
                kept = kept_in(response, form)
                assert not [f for f, text in typed.items() if lost(text, kept.get(f))], form.action
            send(world, person, form, in_turn(NUMBERS + DAYS + SHAPES, others, begin + turn * 5))


def lost(text, kept) -> bool:
    """Whether a text that was typed does not stand in its field any more."""
    return LOST.sub("", text) != LOST.sub("", "".join(kept or []))


def every(kind):
    for subclass in kind.__subclasses__():
        yield subclass
        yield from every(subclass)


def test_every_text_has_an_end():
    """A text that is longer than its column would be refused by the database, not by the form."""
    assert addresses()  # all forms are loaded with them
    for form in every(PlainForm):
        for name, field in form.base_fields.items():
            if type(field).to_python is forms.CharField.to_python and "password" not in name:
                assert field.max_length, f"{form.__qualname__}.{name}"


@pytest.mark.parametrize(("name", "thing", "person"), PAGES, ids=lambda text: text)
def test_every_parameter_takes_nonsense(world, name, thing, person):
    url, browser = world.address(name, thing), world.browser(person)
    shown = [form.inputs for form in own_forms(world, name, thing, person) if form.method == "get"]
    for field in dict.fromkeys(field for inputs in shown for field in inputs):
        for value in EVERYWHERE:
            check(browser.get(url, {field: value}), f"{url} {field}={value!r:.60}")
    for value in (NUL, LONG[:10_000], HOSTILE, DIGITS):
        data = dict.fromkeys(HIDDEN, value) | {f"{name}[]": [value, value] for name in HIDDEN}
        check(browser.get(url, data), f"{url} everything={value!r:.60}")
    check(browser.get(url, query_string="&".join(f"{name}=%ff%fe%00" for name in HIDDEN)), url)


def about_something():
    for name in addresses():
        try:
            reverse(name)
        except NoReverseMatch:
            yield name


@pytest.mark.parametrize("name", list(about_something()))
def test_what_does_not_exist_is_not_found(world, name):
    for person in ("market_head", "admin"):
        for number in (0, int(DIGITS), 10**300):
            url = reverse(name, args=[number])
            for method in ("get", "post"):
                response = getattr(world.browser(person), method)(url)
                check(response, (method, url))
                assert response.status_code in (403, 404, 405), (method, url)


BODIES = [
    ("application/x-www-form-urlencoded", b"&".join(b"title=%s&reason=%s" % (b, b) for b in BYTES)),
    ("application/x-www-form-urlencoded", b"%ff%fe=%00&title=%ff&version=\xff\xfe&once=%zz"),
    ("application/x-www-form-urlencoded", b"a=" + b"x" * 3_000_000),
    ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(5000))),
    ("application/x-www-form-urlencoded; charset=utf-7", b"title=+ADw-script+AD4-"),
    ("application/x-www-form-urlencoded; charset=nonsense", b"title=a"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\r\n\r\n"),
    ("application/json", b'{"version": "\\u0000"'),
]


@pytest.mark.once
@pytest.mark.parametrize(("kind", "body"), BODIES, ids=lambda text: repr(text)[:60])
def test_broken_bodies_are_refused_everywhere(world, kind, body):
    for name, thing, _get, _post in ROWS:
        url = world.address(name, thing)
        with transaction.atomic():
            response = world.browser("market_head").generic("POST", url, body, content_type=kind)
            transaction.set_rollback(True)
        check(response, url)


@pytest.mark.once
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "testserver/../.."},
        {"host": "<script>alert(1)</script>"},
        {"host": "\0"},
    ],
    ids=str,
)
def test_a_wrong_host_is_refused(world, headers):
    response = world.browser("market_head").get("/", headers=headers)
    check(response, headers)
    assert response.status_code == 400


@pytest.mark.once
@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=\0; csrftoken=" + "x" * 5000},
        {"cookie": "messages=nonsense; django_language=../../etc; sessionid=" + DIGITS},
        {"accept-language": "zz-" * 5000},
        {"accept-language": "zh;q=nonsense,*;q=\0"},
        {"hx-request": "true", "hx-current-url": "http://[", "hx-target": HOSTILE},
        {"referer": "http://["},
        {"x-forwarded-for": NUL, "x-forwarded-proto": NUL},
    ],
    ids=lambda headers: str(headers)[:60],
)
def test_odd_headers_are_no_reason_to_fail(world, headers):
    for url in ("/", "/tasks/", "/sign-in/"):
        check(world.browser("nobody").get(url, headers=headers), (url, headers))
        check(world.browser("market_head").get(url, headers=headers), (url, headers))
    again = world.address("tasks:open_assignment", "running")
    check(world.browser("market_head").post(again, headers=headers, follow=True), headers)
