"""What the weekly rhythm owes: each subtask its report (R16), each task its roll-up (R17)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from deadlines.kinds import Kind, Owed, ladder
from tasks.choices import Stage
from tasks.duties import open_subtasks
from tasks.models import Subtask, Task
from tasks.workflow import WORK_OPEN
from weekly.weeks import in_words, weeks_of_subtask, weeks_to_send


def _at_work():
    return open_subtasks().filter(task__stage=Stage.EXECUTION).prefetch_related("progress")


def _progress(subtask, terms):
    """One for every week without an update, the one it is now included."""
    reported = {update.week for update in subtask.progress.all()}
    return [
        Owed(
            owner=subtask.owner,
            due=terms.end_of_week(week),
            what=f"{subtask.name} {in_words(week)}",
            link=f"{reverse('weekly:my_week')}?week={week.isoformat()}",
            task=subtask.task,
            department=subtask.department,
            period=week.isoformat(),
        )
        for week in weeks_of_subtask(subtask, terms)
        if week not in reported
    ]


def _under_way():
    tasks = Task.objects.filter(stage__in=WORK_OPEN).select_related("department", "initiator")
    return tasks.prefetch_related("weekly_syncs")


def _weekly_sync(task, terms):
    page = reverse("weekly:send", args=[task.pk])
    return [
        Owed(
            owner=task.initiator,
            due=terms.monday_noon(week),
            what=in_words(week),
            link=f"{page}?week={week.isoformat()}",
            task=task,
            department=task.department,
            period=week.isoformat(),
        )
        for week in weeks_to_send(task, terms)
    ]


KINDS = [
    Kind(
        code="progress_update",
        label=_("Report progress"),
        rule=_("by the end of the week"),
        model=Subtask,
        may_owe=_at_work,
        owed=_progress,
        # From Sunday's last second: Friday, then Monday before the roll-up is due.
        ladder=ladder("-2d@16:00 owner", "+1d@09:00 owner contact", "+1d@11:00 owner head"),
    ),
    Kind(
        code="weekly_sync",
        label=_("Send the weekly sync"),
        rule=_("12:00 on the Monday after the week"),
        model=Task,
        may_owe=_under_way,
        owed=_weekly_sync,
        ladder=ladder(
            "-1w@16:00 owner",
            "0d@09:00 owner",
            "-30m owner",
            "0m owner head",
            "+4h owner head",
            "+1w@09:00 owner head senior",
        ),
    ),
]
