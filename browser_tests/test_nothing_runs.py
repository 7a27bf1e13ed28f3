"""Text that runs where it is taken for markup stands in every stored text: none runs, all shows."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from browser_tests.test_every_page import is_page, signed_in
from coordination.tests.hostile import RAN, SCRIPTS, SHORT_SCRIPTS
from coordination.tests.marked import OF_TASKS, marked
from coordination.tests.test_roles import PAGES
from coordination.tests.world import World
from deadlines.delivery import deliver
from deadlines.sweep import sweep

EVERYTHING = OF_TASKS | {"accounts", "attachments", "records"}
# What an element would have that came out of a text.
BORN = (
    "[onerror],[onload],[onfocus],[ontoggle],[onmouseover],[srcdoc],base,meta[http-equiv=refresh]"
)
BORN += ",[href^='javascript:'],[action^='javascript:'],[href^='//'],[src^='//'],[hx-get*='evil']"
VIOLATION = "Content Security Policy"


@pytest.fixture
def company(transactional_db):
    with marked(*SCRIPTS, short=SHORT_SCRIPTS, packages=EVERYTHING):
        return World()


@pytest.fixture
def watched(browser, browser_context_args, company, live_server):
    """`watched(person)`: a page in which whatever a text does is written down in `page.done`."""
    contexts = []

    def _watched(person):
        contexts.append(signed_in(company, person, live_server, browser, browser_context_args))
        page = contexts[-1].new_page()
        page.done = []
        page.on("dialog", lambda dialog: (page.done.append("dialog"), dialog.dismiss()))
        page.on("console", lambda m: VIOLATION in m.text and page.done.append(m.text))
        page.on("request", lambda r: elsewhere(r.url, live_server) and page.done.append(r.url))
        return page

    yield _watched
    for context in contexts:
        context.close()


def elsewhere(url, live_server) -> bool:
    return not url.startswith((live_server.url, "data:", "about:"))


def harm_in(page) -> list[str]:
    """What the texts of the page have done, and what they have become other than text."""
    found = [*page.done]
    found += ["ran"] * page.evaluate(f"'{RAN}' in window")
    found += page.eval_on_selector_all(BORN, "found => found.map(e => e.outerHTML.slice(0, 99))")
    page.done.clear()
    return found


def shown_in(page) -> int:
    """How many of the scripts can be read in the page, in its text or its fields."""
    fields = "fields => fields.map(field => field.value).join('\\n')"
    text = page.inner_text("body") + page.eval_on_selector_all("input, textarea", fields)
    return sum(script in text for script in SCRIPTS)


@pytest.mark.long
def test_no_stored_text_runs_on_any_page(company, live_server, watched):
    pages, harm, shown = {}, {}, {}
    for name, thing, person in PAGES:
        url = company.address(name, thing)
        if is_page(company.browser(person).get(url)):
            page = pages[person] = pages.get(person) or watched(person)
            page.goto(live_server.url + url)
            page.mouse.move(400, 300)
            harm[name, thing], shown[name, thing] = harm_in(page), shown_in(page)
    assert {place: found for place, found in harm.items() if found} == {}
    assert shown["tasks:task_detail", "running"] > 5
    assert sum(found > 0 for found in shown.values()) > 50


@pytest.mark.long
def test_no_stored_text_runs_in_a_mail(company, watched):
    """Mail programs have no policy of ours: scripts would run here, pictures would be fetched."""
    sweep(now=timezone.now())
    deliver(clock=lambda: timezone.now() + dt.timedelta(days=1))
    bodies = {m.body: m.alternatives[0].content for m in mail.outbox if m.alternatives}
    page = watched("nobody")
    for body in bodies.values():
        page.set_content(body)
        assert harm_in(page) == []
    assert len(bodies) > 5
    assert [body for body in bodies.values() if RAN in body]
