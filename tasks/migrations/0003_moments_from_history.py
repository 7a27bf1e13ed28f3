"""When departments were asked, assignments opened and work finished, as the history tells it."""

from django.db import migrations
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce


def fill_in(apps, schema_editor):
    model = apps.get_model
    Event, Task = model("audit", "Event"), model("tasks", "Task")
    Collaboration = model("tasks", "Collaboration")
    SupportRequest = model("tasks", "SupportRequest")

    def when(subject, action):
        events = Event.objects.filter(
            subject_type=f"tasks.{subject}", subject_id=OuterRef("pk"), action=action
        )
        return Subquery(events.order_by("-pk").values("at")[:1])

    Task.objects.filter(submitted_at__isnull=False).update(
        assignment_opened_at=when("task", "task.open_assignment")
    )
    Task.objects.filter(stage__in=["review", "archived"]).update(
        finished_at=when("task", "task.finish")
    )
    submitted = Task.objects.filter(pk=OuterRef("task")).values("submitted_at")
    Collaboration.objects.update(
        asked_at=Coalesce(
            when("collaboration", "consultation.asked_again"), Subquery(submitted)
        )
    )
    SupportRequest.objects.update(
        asked_at=Coalesce(when("supportrequest", "support.asked"), "asked_at")
    )


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_initial"),
        ("tasks", "0002_weekly_sync_and_moments"),
    ]
    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop)]
