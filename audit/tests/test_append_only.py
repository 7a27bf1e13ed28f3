"""What was once written stays: the database itself refuses to change or delete it (R12)."""

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from audit.seals import seal_new
from conftest import append_only, released
from reviews.tests import example

REFUSED = "append-only: its rows are never changed or deleted"


@pytest.fixture
def rows(cast, running):
    """The last row of each kind."""
    example.sign(cast, example.complete(cast, running))
    seal_new(example.ARCHIVED)
    return [model.objects.latest("pk") for model in append_only()]


def refused():
    return pytest.raises(IntegrityError, match=REFUSED)


def sql(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_no_row_is_changed_whoever_asks(rows):
    for row in rows:
        with refused(), transaction.atomic():
            row.save()
        with refused(), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(id=row.pk)
        with refused():
            sql(f"UPDATE {row._meta.db_table} SET id = id WHERE id = %s", row.pk)


def test_no_row_is_deleted_whoever_asks(rows):
    for row in rows:
        with refused(), transaction.atomic():
            type(row).objects.filter(pk=row.pk)._raw_delete(using="default")
        with refused():
            sql(f"DELETE FROM {row._meta.db_table}")
        assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a statement of PostgreSQL")
def test_no_table_is_emptied(rows):
    connection.check_constraints()  # no row may wait for a check of its keys
    for row in rows:
        with refused():
            sql(f"TRUNCATE {row._meta.db_table} CASCADE")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a statement of SQLite")
def test_no_row_is_replaced_by_another_that_takes_its_place(rows):
    for row in rows:
        table = row._meta.db_table
        with refused():
            sql(f"REPLACE INTO {table} SELECT * FROM {table} WHERE id = %s", row.pk)
        for field in row._meta.local_fields:
            if field.unique and not field.primary_key:
                with refused():
                    sql(*replacing(row, field.column))


def replacing(row, unique):
    """A row with an id of its own and one value that was to be there once."""
    columns = [field.column for field in row._meta.local_fields if not field.primary_key]
    others = ", ".join(c if c == unique else f"{c} || 'x'" for c in columns)
    table = row._meta.db_table
    into = f"REPLACE INTO {table} (id, {', '.join(columns)})"
    return f"{into} SELECT id + 1000, {others} FROM {table} WHERE id = %s", row.pk


def test_what_is_inserted_over_a_row_does_not_change_it(rows):
    event = Event.objects.latest("pk")
    with refused(), transaction.atomic():
        Event.objects.bulk_create(
            [event], update_conflicts=True, update_fields=["reason"], unique_fields=["id"]
        )


def test_rows_are_still_added(rows):
    event = Event.objects.latest("pk")
    event.pk = None
    event.save()
    assert Event.objects.latest("pk") == event


def test_whoever_lifts_it_leaves_it_as_it_was(rows):
    with released(Event):
        Event.objects.update(reason="lifted")
    with refused(), transaction.atomic():
        Event.objects.update(reason="again")
