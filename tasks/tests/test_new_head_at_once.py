"""A department gets another head while somebody changes one of its tasks: one after the other."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.models import Department
from accounts.services.departments import edit_department
from conftest import at
from deadlines.models import Deadline
from deadlines.recount import differences
from tasks.services import initiation

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2024-09-23 09:00")


@pytest.fixture
def seat(cast, consulted):
    """The seat of 销售部, asked and not yet answered."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite writes one transaction after the other")
    return consulted.collaborations.get(department=cast.sales)


def beside(cast, act):
    """The director becomes head of 销售部 after `act` and before its transaction ends."""
    acted = threading.Event()

    def change():
        try:
            acted.wait()
            sales = Department.objects.get(pk=cast.sales.pk)
            edit_department(
                department=sales,
                by=cast.admin,
                now=NOW,
                version=sales.version,
                name=sales.name,
                short_name=sales.short_name,
                parent=sales.parent,
                head=cast.director,
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as workers:
        changed = workers.submit(change)
        with transaction.atomic():
            act()
            acted.set()
            wait_until(lambda: somebody_waits() or changed.done())
        changed.result()


def wait_until(holds):
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


def owners() -> list:
    return [d.owner for d in Deadline.objects.open().filter(subject_type="tasks.collaboration")]


def answer(seat, by, said, comment=""):
    initiation.answer_consultation(collaboration=seat, answer=said, comment=comment, by=by, now=NOW)


def test_what_was_just_answered_is_owed_by_nobody(cast, seat):
    beside(cast, lambda: answer(seat, cast.sales_head, "accepted"))
    assert differences(NOW) == []
    assert owners() == [cast.research_head]


def test_what_was_just_asked_is_owed_by_the_new_head(cast, seat):
    answer(seat, cast.sales_head, "commented", "预算不够")
    beside(cast, lambda: initiation.ask_again(collaboration=seat, by=cast.market_head, now=NOW))
    assert differences(NOW) == []
    assert set(owners()) == {cast.research_head, cast.director}


def test_neither_of_them_is_refused_by_the_database(cast, seat):
    def name(person):
        initiation.name_contact(collaboration=seat, contact=person, by=cast.sales_head, now=NOW)

    beside(cast, lambda: name(cast.sales_staff))
    assert differences(NOW) == []
    assert set(owners()) == {cast.research_head, cast.sales_staff}
