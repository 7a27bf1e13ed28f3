"""Where the first page and the calendar lead: nobody is led to a page they are not let into."""

import pytest
import tinyhtml5
from django.db import transaction

from coordination.tests.html_forms import HTML

PEOPLE = ["market_head", "market_staff", "sales_head", "sales_staff", "research_contact"]
PEOPLE += ["research_head", "director", "service_head", "outsider", "records", "admin"]
PAGES = ["/", "/overview/duties/", "/overview/duties/?state=open", "/overview/departments/"]
PAGES += ["/workload/", "/workload/?week=2024-09-30"]
PAGES += [
    f"/calendar/?month=2024-{month}&scope={scope}&view={view}"
    for month in ("09", "10")
    for scope in ("mine", "led", "departments")
    for view in ("", "list")
]


def links_of(page) -> set[str]:
    tree = tinyhtml5.parse(page.content.decode())
    main = tree.find(f".//{HTML}main")
    links = {a.get("href") for a in main.iter(f"{HTML}a")}
    return {link for link in links if link.startswith("/")}


@pytest.mark.parametrize("person", PEOPLE)
def test_every_link_leads_to_a_page_one_may_see(world, person):
    browser = world.browser(person)
    found = set()
    for url in PAGES:
        page = browser.get(url)
        assert page.status_code == 200, url
        found |= links_of(page)
    with transaction.atomic():
        answers = {link: browser.get(link).status_code for link in sorted(found)}
        transaction.set_rollback(True)
    assert {link: code for link, code in answers.items() if code not in (200, 302)} == {}
