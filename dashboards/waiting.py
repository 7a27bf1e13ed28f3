"""What waits for a person besides deadlines: reports to read, their own tasks to go on with."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from tasks.choices import Stage
from tasks.models import Task
from tasks.policies import WEEK
from tasks.workflow import SHARED
from weekly.models import Reading, WeeklyReport
from weekly.weeks import in_words

AT_MOST = 20
# A report is news until the next but one is out.
NEWS_FOR = 2 * WEEK


@dataclass(frozen=True)
class Waiting:
    """One thing that waits: what to do, about what, in which task, and where."""

    act: str
    what: str
    context: str
    link: str


def waiting_for(user, now: dt.datetime) -> list[Waiting]:
    """At most twenty of each, latest first."""
    return [*_reports_to_read(user, now), *_own_tasks(user)]


def _reports_to_read(user, now):
    """The latest versions that went out to this head, and were not read yet (R17)."""
    newer = WeeklyReport.objects.filter(
        sync=OuterRef("report__sync"), number__gt=OuterRef("report__number")
    )
    unread = Reading.objects.filter(
        ~Exists(newer),
        reader=user,
        read_at=None,
        report__issued_at__gte=now - NEWS_FOR,
        report__sync__task__stage__in=SHARED,
    )
    rows = unread.select_related("report__sync__task").order_by("-pk")
    newest = {row.report.sync.task_id: row.report for row in reversed(rows[: 2 * AT_MOST])}
    return [_to_read(report) for report in list(newest.values())[::-1][:AT_MOST]]


def _to_read(report) -> Waiting:
    task = report.sync.task
    what = f"{task.title} {in_words(report.sync.week)}"
    return Waiting(_("Read the weekly report"), what, task.number, report.get_absolute_url())


def _own_tasks(user):
    acts = {
        Stage.DRAFT: (_("Complete and submit the draft"), "tasks:task_edit"),
        Stage.CONSULTATION: (_("Follow the consultation"), "tasks:task_detail"),
    }
    rows = Task.objects.filter(initiator=user, stage__in=acts).order_by("-pk")
    return [
        Waiting(
            acts[row.stage][0],
            row.title,
            row.number or "",
            reverse(acts[row.stage][1], args=[row.pk]),
        )
        for row in rows[:AT_MOST]
    ]
