import datetime as dt

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

CAUSES = [
    ("waiting", "Waiting for another department"),
    ("requirement", "Requirement changed"),
    ("resources", "Too few people or means"),
    ("estimate", "Estimated too tightly"),
    ("quality", "Had to be done again"),
    ("outside", "Outside factors"),
    ("easier", "Easier than thought"),
    ("other", "Something else"),
]


def name_a_cause(apps, schema_editor):
    """Deviations of before had a reason in words only."""
    updates = apps.get_model("tasks", "ProgressUpdate").objects
    updates.exclude(planned=F("actual")).update(cause="other")


def plan_evenly(apps, schema_editor):
    """What was taken on before plans were kept is planned as it was shown: evenly."""
    Plan = apps.get_model("tasks", "Plan")
    subtasks = apps.get_model("tasks", "Subtask").objects.order_by("pk")
    fields = ("pk", "start_date", "due_date", "task__confirmed_at", "task__created_at")
    batch = []
    for pk, start, due, confirmed, created in subtasks.values_list(*fields).iterator():
        made_at = confirmed or created
        plan = {"number": 1, "start_date": start, "due_date": due, "made_at": made_at}
        batch.append(Plan(subtask_id=pk, weeks=evenly(start, due), **plan))
        if len(batch) == 1000:
            Plan.objects.bulk_create(batch)
            batch = []
    Plan.objects.bulk_create(batch)


def evenly(start, due):
    """As tasks.policies.linear_plan did when this migration was written."""
    weeks, monday = {}, start - dt.timedelta(days=start.weekday())
    while monday <= due:
        sunday = min(monday + dt.timedelta(days=6), due)
        weeks[monday.isoformat()] = round(
            ((sunday - start).days + 1) * 100 / ((due - start).days + 1)
        )
        monday += dt.timedelta(weeks=1)
    return weeks


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0003_moments_from_history"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Plan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("start_date", models.DateField(verbose_name="start")),
                ("due_date", models.DateField(verbose_name="due")),
                ("weeks", models.JSONField(verbose_name="planned progress")),
                ("moved", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("made_at", models.DateTimeField(verbose_name="made")),
                ("made_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("subtask", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="plans", to="tasks.subtask")),
            ],
            options={"verbose_name": "plan", "verbose_name_plural": "plans", "ordering": ["number"]},
        ),
        migrations.AddConstraint("plan", models.UniqueConstraint(fields=("subtask", "number"), name="plan_number_once")),
        migrations.AddConstraint("plan", models.CheckConstraint(condition=Q(("number", 1), models.Q(("reason", ""), _negated=True), _connector="OR"), name="plan_change_says_why", violation_error_message="Another plan needs a reason.")),
        migrations.AddConstraint("plan", models.CheckConstraint(condition=Q(due_date__gte=F("start_date")), name="plan_due_after_start")),
        migrations.AddField("progressupdate", "tolerance", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("progressupdate", "cause", models.CharField(blank=True, choices=CAUSES, max_length=20, verbose_name="cause")),
        migrations.AddField("progressupdate", "waits_for", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tasks.supportrequest", verbose_name="waits for")),
        migrations.AddField("progressupdate", "expected_finish", models.DateField(null=True, verbose_name="expected finish")),
        migrations.AddField("progressupdate", "next_steps", models.CharField(blank=True, max_length=300, verbose_name="next week")),
        migrations.RunPython(name_a_cause, migrations.RunPython.noop),
        migrations.RunPython(plan_evenly, migrations.RunPython.noop),
    ]
