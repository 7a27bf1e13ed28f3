"""Every page that somebody may open: for those who cannot see it, on a phone, without errors."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

from coordination.tests.test_roles import PAGES
from coordination.tests.world import World

WIDE, NARROW = {"width": 1366, "height": 768}, {"width": 360, "height": 740}


@pytest.fixture
def company(transactional_db):
    return World()


@pytest.fixture
def looked_at(company, live_server, browser, browser_context_args):
    """`looked_at(name, thing, person)`: the page as that person sees it, and its mistakes."""
    contexts = {}

    def _look(name, thing, person):
        if not is_page(company.browser(person).get(company.address(name, thing))):
            return []
        if person not in contexts:
            contexts[person] = signed_in(
                company, person, live_server, browser, browser_context_args
            )
        page = contexts[person].new_page()
        page.set_viewport_size(WIDE)
        found = mistakes_of(page, live_server.url + company.address(name, thing), live_server.url)
        page.close()
        return found

    yield _look
    for context in contexts.values():
        context.close()


def is_page(answer) -> bool:
    """Not a file, nor a piece of a page."""
    return answer["Content-Type"].startswith("text/html") and b"<html" in answer.content


def signed_in(company, person, live_server, browser, arguments):
    context = browser.new_context(**arguments)
    if person != "nobody":
        session = company.browser(person).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return context


def mistakes_of(page, url, base) -> list[str]:
    found = []
    page.on("console", lambda m: m.type == "error" and found.append(f"console: {m.text}"))
    page.on("request", lambda r: r.url.startswith((base, "data:")) or found.append(r.url))
    page.goto(url)
    found += [in_words(violation) for violation in Axe().run(page).response["violations"]]
    page.set_viewport_size(NARROW)
    return found + ["wider than a phone"] * (not fits(page))


def fits(page) -> bool:
    """A chart follows the window a moment later."""
    for _moment in range(20):
        if page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            return True
        page.wait_for_timeout(100)
    return False


def in_words(violation) -> str:
    nodes = [node["html"][:120] for node in violation["nodes"][:3]]
    return f"{violation['id']}: {json.dumps(nodes, ensure_ascii=False)}"


def test_no_page_has_a_mistake(looked_at):
    """WCAG by axe at 1366 px, no sideways scrolling at 360 px, nothing from elsewhere."""
    mistakes = {f"{name} {thing}": looked_at(name, thing, who) for name, thing, who in PAGES}
    assert {page: found for page, found in mistakes.items() if found} == {}
