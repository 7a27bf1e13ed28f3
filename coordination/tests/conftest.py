import pytest
from django.db import transaction

from coordination.tests.world import World


@pytest.fixture(scope="module")
def standing_world(django_db_setup, django_db_blocker):
    """Built once for all tests of a module, in a transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(standing_world, db):
    """What a test does to the world is undone after it."""
    return standing_world
