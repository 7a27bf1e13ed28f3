import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A week is a row from its beginning; what was sent stands in its reports."""

    dependencies = [("weekly", "0002_reports_readings_warnings")]

    operations = [
        migrations.RemoveField("weeklysync", "summary"),
        migrations.RemoveField("weeklysync", "resources_needed"),
        migrations.RemoveField("weeklysync", "version"),
        migrations.AddField("weeklysync", "issue_at", models.DateTimeField(editable=False, null=True)),
        migrations.AlterField("weeklysync", "sent_at", models.DateTimeField(null=True, verbose_name="sent")),
        migrations.AlterField("weeklysync", "sent_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="sent by")),
        migrations.RemoveConstraint("weeklysync", "weekly_sync_late_by_something"),
        migrations.AddConstraint("weeklysync", models.CheckConstraint(condition=Q(("late_by", None), Q(("late_by__gt", datetime.timedelta(0)), ("sent_at__isnull", False)), _connector="OR"), name="weekly_sync_late_by_something")),
        migrations.AddConstraint("weeklysync", models.CheckConstraint(condition=Q(Q(("sent_at", None), ("sent_by", None)), Q(("sent_at__isnull", False), ("sent_by__isnull", False)), _connector="OR"), name="weekly_sync_sent_says_who")),
        migrations.AddIndex("weeklysync", models.Index(condition=Q(("issue_at__isnull", False)), fields=["issue_at"], name="weekly_sync_to_issue")),
    ]
