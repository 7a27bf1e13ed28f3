from django.db import migrations

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("weekly", "0003_weeks_opened_ahead")]

    operations = [AppendOnly("WeeklyReport")]
