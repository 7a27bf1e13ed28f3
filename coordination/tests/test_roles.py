"""Who gets which answer at which address: one table of people × everything that can be opened.

A row has the name of the address, the thing it is about (see world.py), and the answers to GET and
to POSTing an empty form:

    +  shown              >  done, or leads on       e  refused with what is wrong (422)
    i  leads to sign-in   -  not allowed (403)       0  as if it did not exist (404)
                                                     x  no such act (405)

The people: N nobody, A 总监 above both departments, D 经理 who initiated, H 专员 of that department,
G 主管 and C 专员 of a collaborating department, F 对接人 of another, E head of a department under the
same 总监 that takes no part, K of 财务部, R records administrator, S system administrator.
"""

import pytest
from django.db import transaction
from django.urls import reverse

from coordination.tests.world import addresses

PEOPLE = {
    "N": "nobody",
    "A": "director",
    "D": "market_head",
    "H": "market_staff",
    "G": "sales_head",
    "C": "sales_staff",
    "F": "research_contact",
    "E": "service_head",
    "K": "outsider",
    "R": "records",
    "S": "admin",
}
SIGNS = {200: "+", 302: ">", 403: "-", 404: "0", 405: "x", 422: "e"}

TABLE = """
"""

ROWS = [line.split() for line in TABLE.strip().splitlines() if line and line[0] not in "# "]


def test_every_address_has_its_row():
    assert sorted({name for name, *_rest in ROWS}) == sorted(addresses())


@pytest.mark.parametrize(("name", "thing", "get", "post"), ROWS, ids=lambda text: text)
def test_everybody_gets_the_answer_of_the_table(world, name, thing, get, post):
    url = world.address(name, thing)
    found = {
        method: "".join(answer(world, method, url, person) for person in PEOPLE.values())
        for method in ("get", "post")
    }
    assert found == {"get": get, "post": post}


def answer(world, method, url, person) -> str:
    """The sign of the answer; whatever the request did is undone."""
    with transaction.atomic():
        response = getattr(world.browser(person), method)(url)
        transaction.set_rollback(True)
    if response.headers.get("Location", "").startswith(reverse("accounts:login")):
        return "i"
    return SIGNS.get(response.status_code, str(response.status_code))
