"""What was added to the history is sealed in its order, once, whatever happens meanwhile."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from django.db import connection, connections, transaction

from accounts.models import Organisation
from audit import history, seals
from audit.models import Event, Seal
from audit.seals import entries_of, is_genuine, seal_new
from conftest import at

NOW = at("2024-10-05 14:00")


@pytest.fixture
def organisation(db):
    return Organisation.objects.create(pk=1, name="示例公司")


def write(organisation, number=1):
    return [
        history.record(organisation, "organisation.edited", by=None, now=NOW, reason=str(n))
        for n in range(number)
    ]


def sealed():
    """The ids that all seals vouch for, seal by seal."""
    return [list(entries_of(seal)) for seal in Seal.objects.order_by("number")]


def everything():
    return list(Event.objects.order_by("pk").values_list("pk", flat=True))


def test_what_is_new_is_sealed_and_nothing_twice(organisation):
    write(organisation, 3)
    assert seal_new(NOW) == len(everything())
    assert seal_new(NOW) == 0
    [late] = write(organisation)
    assert seal_new(NOW) == 1
    assert sealed() == [[pk for pk in everything() if pk != late.pk], [late.pk]]


def test_each_seal_follows_the_one_before(organisation):
    for _turn in range(3):
        write(organisation)
        seal_new(NOW)
    first, second, third = Seal.objects.order_by("number")
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert [second.previous, third.previous] == [first.digest, second.digest]
    assert all(map(is_genuine, [first, second, third]))


def test_an_old_history_is_sealed_in_bounded_steps(organisation, monkeypatch):
    monkeypatch.setattr(seals, "BATCH", 2)
    monkeypatch.setattr(seals, "AT_ONCE", 2)
    seal_everything()
    pks = [event.pk for event in write(organisation, 7)]
    assert [seal_new(NOW), seal_new(NOW), seal_new(NOW)] == [4, 3, 0]
    assert sealed()[-4:] == [pks[0:2], pks[2:4], pks[4:6], pks[6:]]


def seal_everything():
    while seal_new(NOW):
        pass


def test_a_seal_is_worth_nothing_without_the_key(organisation, settings):
    write(organisation)
    seal_new(NOW)
    seal = Seal.objects.get()
    settings.HISTORY_KEYS = ["another"]
    assert not is_genuine(seal)
    settings.HISTORY_KEYS = ["another", settings.SECRET_KEY]
    assert is_genuine(seal)


def test_the_key_is_not_in_the_database(organisation, settings):
    write(organisation)
    seal_new(NOW)
    seal = Seal.objects.get()
    stored = " ".join(str(getattr(seal, f.attname)) for f in Seal._meta.local_fields)
    assert settings.SECRET_KEY not in stored


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_seal_everything_once(organisation, monkeypatch):
    monkeypatch.setattr(seals, "BATCH", 5)
    write(organisation, 40)

    def run(_index):
        try:
            return seal_new(NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    seal_everything()
    assert [*chain(*sealed())] == everything()


@pytest.mark.django_db(transaction=True)
def test_what_is_written_while_sealing_is_sealed_in_its_order(organisation):
    """Ids may be committed in another order than they were given out."""
    stop = threading.Event()

    def write_slowly(index):
        try:
            for _turn in range(10):
                with transaction.atomic():
                    write(organisation)
                    time.sleep(0.002 * index)
        finally:
            connections.close_all()

    def seal_on():
        try:
            while not stop.is_set():
                seal_new(NOW)
        finally:
            connections.close_all()

    sealer = threading.Thread(target=seal_on)
    sealer.start()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_slowly, range(4)))
    stop.set()
    sealer.join()
    seal_everything()
    assert [*chain(*sealed())] == everything()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_an_entry_that_is_not_committed_yet_holds_the_seal_off(organisation):
    wrote, go_on = threading.Event(), threading.Event()

    def write_and_wait():
        try:
            with transaction.atomic():
                write(organisation)
                wrote.set()
                go_on.wait(10)
        finally:
            connections.close_all()

    writer = threading.Thread(target=write_and_wait)
    writer.start()
    wrote.wait(10)
    assert seal_new(NOW) == 0
    go_on.set()
    writer.join()
    seal_everything()
    assert [*chain(*sealed())] == everything()
