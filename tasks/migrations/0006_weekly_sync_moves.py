from django.db import migrations


class Migration(migrations.Migration):
    """The weekly sync becomes the package `weekly`; its rows stay where they are."""

    dependencies = [("tasks", "0005_deviation_within_tolerance")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("WeeklySync", "weekly_weeklysync")],
            state_operations=[migrations.DeleteModel("WeeklySync")],
        ),
    ]
