"""What a page costs: at most twenty statements, and the same at three rows and at thirty."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from coordination.tests.test_roles import PAGES
from coordination.tests.world import grow

AT_MOST = 20

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def costs(standing_world, django_db_blocker):
    """{(name, thing): (statements with few rows, statements with many)}."""
    with django_db_blocker.unblock(), transaction.atomic():
        few = measure(standing_world)
        grow(standing_world, 27)
        many = measure(standing_world)
        transaction.set_rollback(True)
    return {page: (few[page], many[page]) for page in few}


def measure(world):
    return {(name, thing): statements(world, name, thing, who) for name, thing, who in PAGES}


def statements(world, name, thing, person):
    browser, url = world.browser(person), world.address(name, thing)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200, url
    return len(captured)


@pytest.mark.parametrize(("name", "thing"), [page[:2] for page in PAGES], ids=lambda text: text)
def test_a_page_costs_the_same_however_many_rows(costs, name, thing):
    few, many = costs[name, thing]
    assert few == many <= AT_MOST
