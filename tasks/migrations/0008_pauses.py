from django.db import migrations, models


class Migration(migrations.Migration):
    """What was finished and taken up again before this is owed as it was."""

    dependencies = [("tasks", "0007_subtask_workload")]

    operations = [
        migrations.AddField("subtask", "pauses", models.JSONField(default=list, editable=False)),
        migrations.AddField("task", "pauses", models.JSONField(default=list, editable=False)),
    ]
