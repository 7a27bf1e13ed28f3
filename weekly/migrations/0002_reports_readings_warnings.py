import datetime

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


def as_reports(apps, schema_editor):
    """What was sent before reports were kept becomes their first version, with what is known."""
    Report = apps.get_model("weekly", "WeeklyReport")
    syncs = apps.get_model("weekly", "WeeklySync").objects.select_related(
        "task__department", "task__initiator"
    )
    for sync in syncs.order_by("pk").iterator(chunk_size=500):
        Report.objects.create(
            sync=sync,
            number=1,
            occasion="sent",
            issued_at=sync.sent_at,
            issued_by_id=sync.sent_by_id,
            content=content(apps, sync),
        )
    events = apps.get_model("audit", "Event").objects
    events.filter(subject_type="tasks.weeklysync").update(subject_type="weekly.weeklysync")


def content(apps, sync):
    """As weekly.report.write did when this migration was written."""
    task = sync.task
    updates = apps.get_model("tasks", "ProgressUpdate").objects.filter(
        subtask__task=task, week=sync.week
    )
    parts = updates.select_related("subtask__department", "subtask__owner").order_by("subtask")
    return {
        "format": 1,
        "number": task.number or "",
        "title": task.title,
        "department": task.department.name,
        "initiator": task.initiator.name,
        "week": sync.week.isoformat(),
        "as_of": sync.sent_at.isoformat(),
        "tolerance": 0,
        "rows": [row(update) for update in parts],
        "talks": [],
        "items": [],
        "problems": [],
        "promises": [],
        "changes": [],
        "alerts": [],
        "before": None,
        "summary": sync.summary,
        "needs": [
            {"subtask": None, "subtask_name": "", "what": line.strip(), "department": ""}
            for line in sync.resources_needed.splitlines()
            if line.strip()
        ],
    }


def row(update):
    subtask = update.subtask
    return {
        "subtask": subtask.pk,
        "name": subtask.name,
        "department": subtask.department.name,
        "owner": subtask.owner.name,
        "start": subtask.start_date.isoformat(),
        "due": subtask.due_date.isoformat(),
        "standing": "at_work",
        "planned": update.planned,
        "actual": update.actual,
        "reported": True,
        "lagging": update.actual < update.planned,
        "cause": update.cause,
        "reason": update.reason,
        "waits_for": "",
        "expected_finish": None,
        "next_steps": "",
        "moved": 0,
        "last_weeks": [
            {
                "week": update.week.isoformat(),
                "planned": update.planned,
                "actual": update.actual,
            }
        ],
    }


PERSON = settings.AUTH_USER_MODEL
KEY = models.BigAutoField(
    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
)
CASCADE, PROTECT = django.db.models.deletion.CASCADE, django.db.models.deletion.PROTECT
RULES = ["overdue", "lag", "promise", "moved", "silent", "quiet"]
RULE_NAMES = [
    "Past the due date",
    "Behind the plan",
    "Broken support promise",
    "Due date moved again and again",
    "No report for days",
    "Nobody has talked",
]


class Migration(migrations.Migration):
    dependencies = [
        ("weekly", "0001_initial"),
        ("audit", "0001_initial"),
        ("accounts", "0003_quiet_hours_and_cancelled_absences"),
        migrations.swappable_dependency(PERSON),
    ]

    # It renames subjects in the history, which takes no change any more from then on.
    run_before = [("audit", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="WeeklyReport",
            fields=[
                ("id", KEY.clone()),
                ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                ("occasion", models.CharField(choices=[("sent", "sent by the initiating department"), ("noon", "issued at noon, not sent by the initiating department"), ("late_input", "issued again after late input"), ("corrected", "corrected by the initiating department")], max_length=20, verbose_name="occasion")),
                ("issued_at", models.DateTimeField(verbose_name="issued")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("content", models.JSONField(verbose_name="content")),
                ("issued_by", models.ForeignKey(null=True, on_delete=PROTECT, related_name="+", to=PERSON, verbose_name="issued by")),
                ("sync", models.ForeignKey(on_delete=CASCADE, related_name="reports", to="weekly.weeklysync")),
            ],
            options={"verbose_name": "weekly report", "verbose_name_plural": "weekly reports", "ordering": ["number"]},
        ),
        migrations.AddConstraint("weeklyreport", models.UniqueConstraint(fields=("sync", "number"), name="weekly_report_number_once")),
        migrations.AddConstraint("weeklyreport", models.CheckConstraint(condition=Q(Q(("issued_by__isnull", False), ("occasion__in", ["sent", "corrected"])), Q(("issued_by", None), ("occasion__in", ["noon", "late_input"])), _connector="OR"), name="weekly_report_says_who")),
        migrations.AddConstraint("weeklyreport", models.CheckConstraint(condition=Q(Q(("occasion", "corrected"), _negated=True), Q(("reason", ""), _negated=True), _connector="OR"), name="weekly_report_correction_says_why")),
        migrations.RunPython(as_reports, migrations.RunPython.noop),
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("id", KEY.clone()),
                ("read_at", models.DateTimeField(null=True, verbose_name="read")),
                ("department", models.ForeignKey(on_delete=PROTECT, related_name="+", to="accounts.department")),
                ("reader", models.ForeignKey(on_delete=PROTECT, related_name="readings", to=PERSON, verbose_name="department head")),
                ("report", models.ForeignKey(on_delete=CASCADE, related_name="readings", to="weekly.weeklyreport")),
            ],
            options={
                "verbose_name": "reading",
                "verbose_name_plural": "readings",
                "ordering": ["pk"],
                "indexes": [models.Index(condition=Q(("read_at", None)), fields=["reader", "-id"], name="reading_not_read")],
                "constraints": [models.UniqueConstraint(fields=("report", "reader"), name="reading_once")],
            },
        ),
        migrations.CreateModel(
            name="EarlyWarning",
            fields=[
                ("id", KEY.clone()),
                ("rule", models.CharField(choices=list(zip(RULES, RULE_NAMES, strict=True)), max_length=10, verbose_name="rule")),
                ("key", models.CharField(max_length=60)),
                ("raised_at", models.DateTimeField(verbose_name="since")),
                ("over_at", models.DateTimeField(null=True, verbose_name="over")),
                ("facts", models.JSONField(default=dict)),
                ("subtask", models.ForeignKey(null=True, on_delete=CASCADE, related_name="warnings", to="tasks.subtask")),
                ("task", models.ForeignKey(on_delete=CASCADE, related_name="warnings", to="tasks.task")),
            ],
            options={
                "verbose_name": "early warning",
                "verbose_name_plural": "early warnings",
                "ordering": ["pk"],
                "indexes": [
                    models.Index(fields=["task", "raised_at"], name="warning_of_task"),
                    models.Index(condition=Q(("over_at", None)), fields=["rule", "-task"], name="warning_open_by_rule"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=Q(("over_at", None)), fields=("task", "rule", "key"), name="warning_once_per_cause"),
                    models.CheckConstraint(condition=Q(("rule__in", RULES)), name="warning_rule_known"),
                ],
            },
        ),
    ]
