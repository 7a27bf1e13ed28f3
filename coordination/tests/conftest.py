import pytest
from django.db import transaction

from conftest import acts, out_of_step
from coordination.tests.world import World


@pytest.fixture(scope="module")
def standing_world(django_db_setup, django_db_blocker):
    """Built once for all tests of a module, in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        with transaction.atomic():
            assert out_of_step() == []
            transaction.set_rollback(True)
        world.acts = acts()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(standing_world, db):
    """What a test does to the world is undone after it."""
    return standing_world
