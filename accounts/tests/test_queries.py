"""Lists cost the same at three rows and at thirty."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from conftest import give_head, make_department, make_person

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)


def statements(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def more(cast, numbers):
    for number in numbers:
        department = make_department(f"部门{number}", f"部{number}", cast.market)
        person = make_person(f"人员{number}", department, cast.research)
        give_head(department, person)
        for away, start in [(person, TODAY), (cast.market_staff, TODAY + number * DAY)]:
            away.absences.create(stand_in=cast.market_head, starts_on=start, ends_on=start)
        for each in (department, cast.research):
            each.contacts.create(user=person, named_by=person, named_at=timezone.now())


# Session, person, organisation, what the bar shows; then what the page itself shows.
@pytest.mark.parametrize(
    "url",
    [
        "/departments/",
        "/departments/{market}/",
        "/departments/{research}/",
        "/people/",
        "/people/{staff}/",
        "/people/{staff}/absences/new/",
        "/profile/",
    ],
)
@pytest.mark.parametrize("person", ["admin", "market_staff"])
def test_the_same_number_of_statements_at_three_and_at_thirty_rows(cast, sign_in, url, person):
    client = sign_in(getattr(cast, person))
    url = url.format(market=cast.market.pk, research=cast.research.pk, staff=cast.market_staff.pk)
    more(cast, range(3))
    few = statements(client, url)
    more(cast, range(3, 30))
    assert statements(client, url) == few <= 18
