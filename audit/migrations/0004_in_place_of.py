from django.db import migrations, models

from audit.append_only import AppendOnly


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seals")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="in_place_of",
            field=models.CharField(blank=True, max_length=200, verbose_name="in place of"),
        ),
        AppendOnly("Event"),
    ]
