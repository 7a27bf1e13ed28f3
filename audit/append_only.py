"""Tables whose rows are only ever added: the database itself refuses everything else.

A migration says `AppendOnly("Event")` after the model. Whoever may change the database's own rules
can lift this; that it was done is found by the seals (audit.seals).
"""

from django.db.migrations.operations.base import Operation

MESSAGE = "{table} is append-only: its rows are never changed or deleted."
FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_all_but_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: its rows are never changed or deleted.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


class AppendOnly(Operation):
    """Guards the table of a model. SQLite forgets it when a later migration makes the table anew:
    that one says AppendOnly again (audit/tests/test_append_only.py watches).
    """

    reduces_to_sql = reversible = True

    def __init__(self, name):
        self.name = name

    def state_forwards(self, app_label, state):
        pass

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.name)
        for statement in guards(model, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.name)
        for statement in releases(model, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def describe(self):
        return f"Makes {self.name} append-only"


def guards(model, vendor: str) -> list[str]:
    """The statements that make the table append-only; running them again does no harm."""
    table = model._meta.db_table
    if vendor == "postgresql":
        create = "CREATE OR REPLACE TRIGGER {name} BEFORE {what} ON {table} FOR EACH {each}"
        create += " EXECUTE FUNCTION refuse_all_but_insert()"
        rows, all_rows = _names(model, vendor)
        return [
            FUNCTION,
            create.format(name=rows, what="UPDATE OR DELETE", table=table, each="ROW"),
            create.format(name=all_rows, what="TRUNCATE", table=table, each="STATEMENT"),
        ]
    create = "CREATE TRIGGER IF NOT EXISTS {name} BEFORE {what} ON {table} {when}"
    create += f" BEGIN SELECT RAISE(ABORT, '{MESSAGE.format(table=table)}'); END"
    update, delete, replace = _names(model, vendor)
    return [
        create.format(name=update, what="UPDATE", table=table, when=""),
        create.format(name=delete, what="DELETE", table=table, when=""),
        # INSERT OR REPLACE deletes the other row without asking the trigger before DELETE.
        create.format(name=replace, what="INSERT", table=table, when=_when_taken(model)),
    ]


def releases(model, vendor: str) -> list[str]:
    """The statements that let everything happen to the table again."""
    place = f" ON {model._meta.db_table}" if vendor == "postgresql" else ""
    return [f"DROP TRIGGER IF EXISTS {name}{place}" for name in _names(model, vendor)]


def _names(model, vendor) -> list[str]:
    kinds = ["change", "truncate"] if vendor == "postgresql" else ["update", "delete", "replace"]
    return [f"{model._meta.db_table}_no_{kind}" for kind in kinds]


def _when_taken(model) -> str:
    """Whether a row stands already where the new one is to stand, by anything that is unique."""
    meta = model._meta
    unique = [[field.column] for field in meta.local_fields if field.unique]
    for constraint in meta.total_unique_constraints:
        unique.append([meta.get_field(name).column for name in constraint.fields])
    same = [" AND ".join(f"{column} = NEW.{column}" for column in key) for key in unique]
    taken = f"SELECT 1 FROM {meta.db_table} WHERE {' OR '.join(same)}"  # noqa: S608
    return f"WHEN EXISTS ({taken})"
