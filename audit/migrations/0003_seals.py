from django.db import migrations, models

from audit.append_only import AppendOnly

# The number is audit.seals.LOCK. Before the row's id is given out, and whoever writes it.
IN_ORDER = """
CREATE FUNCTION hold_the_seal_off() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7305205);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_event_in_order BEFORE INSERT ON audit_event
    FOR EACH STATEMENT EXECUTE FUNCTION hold_the_seal_off()
"""
OUT_OF_ORDER = """
DROP TRIGGER audit_event_in_order ON audit_event;
DROP FUNCTION hold_the_seal_off()
"""


def on_postgresql(sql):
    def execute(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return execute


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveBigIntegerField(unique=True, verbose_name="number")),
                ("sealed_at", models.DateTimeField(verbose_name="sealed")),
                ("last_id", models.BigIntegerField(unique=True)),
                ("digests", models.TextField()),
                ("previous", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "seal of the history",
                "verbose_name_plural": "seals of the history",
                "ordering": ["-number"],
            },
        ),
        AppendOnly("Seal"),
        migrations.RunPython(on_postgresql(IN_ORDER), on_postgresql(OUT_OF_ORDER)),
    ]
