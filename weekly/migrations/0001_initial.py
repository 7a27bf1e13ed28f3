import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Takes over the weekly sync, whose rows were in the package `tasks` before."""

    initial = True

    dependencies = [
        ("tasks", "0006_weekly_sync_moves"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="WeeklySync",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("week", models.DateField(verbose_name="week from Monday")),
                        ("summary", models.TextField(verbose_name="what happened this week")),
                        ("resources_needed", models.TextField(blank=True, verbose_name="resources to be coordinated")),
                        ("sent_at", models.DateTimeField(verbose_name="sent")),
                        ("late_by", models.DurationField(null=True, verbose_name="late by")),
                        ("version", models.PositiveIntegerField(default=1)),
                        ("sent_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="sent by")),
                        ("task", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="weekly_syncs", to="tasks.task")),
                    ],
                    options={
                        "verbose_name": "weekly sync",
                        "verbose_name_plural": "weekly syncs",
                        "ordering": ["week"],
                        "constraints": [
                            models.UniqueConstraint(fields=("task", "week"), name="weekly_sync_once_per_week"),
                            models.CheckConstraint(condition=Q(("week__week_day", 2)), name="weekly_sync_week_is_monday"),
                            models.CheckConstraint(condition=Q(("late_by", None), ("late_by__gt", datetime.timedelta(0)), _connector="OR"), name="weekly_sync_late_by_something"),
                        ],
                    },
                ),
            ],
        ),
    ]
