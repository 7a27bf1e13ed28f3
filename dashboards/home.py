"""The first page after signing in: what must I do now, whom do I wait for, what has changed?"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.models import Absence
from accounts.visits import is_to_note, note_visit
from dashboards import standing
from dashboards.awaited import awaited_by
from dashboards.changed import changes_for
from dashboards.waiting import waiting_for
from deadlines import kinds
from deadlines.calendar import years_without_data
from deadlines.models import Deadline
from deadlines.permissions import CALENDAR
from tasks.choices import Stage
from tasks.models import Task

AT_MOST = 100
IN_GROUP = 8
"""So many of one urgency are shown: what comes next on the page must not sink out of sight."""
RUNNING = 8


class HomePage(TemplateView):
    template_name = "dashboards/home.html"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        owed = list(Deadline.objects.owed_by(user)[: AT_MOST + 1])
        running = running_tasks(user, now)
        return super().get_context_data(
            nav="home",
            now=now,
            groups=_by_urgency(owed[:AT_MOST], now),
            owed=min(len(owed), AT_MOST),
            owed_late=sum(duty.due_at < now for duty in owed[:AT_MOST]),
            owed_goes_on=len(owed) > AT_MOST,
            owes_reports=any(duty.kind == "progress_update" for duty in owed),
            waiting=waiting_for(user, now),
            awaited=awaited_by(user, now),
            changes=changes_for(user, now),
            running=running[:RUNNING],
            running_goes_on=len(running) > RUNNING,
            is_to_note=is_to_note(user, now),
            years_without_data=_years_without_data(user),
            stood_in_for=_stood_in_for(user),
            **kwargs,
        )


@require_POST
def here(request):
    """The first page is before the person's eyes."""
    note_visit(by=request.user, now=timezone.now())
    return HttpResponse(status=204) if request.htmx else redirect("home")


def running_tasks(user, now) -> list[Task]:
    """The tasks under way that the person has initiated, the worst first, each with where it
    stands by rule and how much in it is `late`: eight, and one more where there are more.
    """
    late = Deadline.objects.overdue(now).filter(task_id=OuterRef("pk")).order_by()
    number = late.values("task_id").annotate(number=Count("pk")).values("number")
    mine = standing.running(user).filter(initiator=user, stage=Stage.EXECUTION)
    tasks = mine.annotate(late=Subquery(number, output_field=IntegerField()))
    found = list(tasks.order_by("rank", "-pk")[: RUNNING + 1])
    for task in found:
        task.status = standing.RANKS[task.rank]
        task.status_name = standing.STATUSES[task.status]
    return found


def _stood_in_for(user) -> list[Absence]:
    """The absences for which the person stands in today; a statement only where there are any."""
    if not user.standing.stands_in_for:
        return []
    today = Absence.objects.on(timezone.localdate())
    return list(
        today.filter(stand_in=user, person__in=user.standing.stands_in_for).select_related("person")
    )


def _years_without_data(user) -> list[int]:
    """What administrators are reminded of: only they can enter the days."""
    if not CALENDAR.allows(user, "edit", None):
        return []
    return years_without_data(timezone.localdate())


@dataclass(frozen=True)
class Group:
    """Duties of one urgency: `number` of them in as many `lines` as fit; `beyond` have none."""

    heading: str
    look: str
    number: int
    lines: list[Deadline]

    @property
    def beyond(self) -> int:
        return self.number - sum(1 + line.alike for line in self.lines)


def _by_urgency(owed, now) -> list[Group]:
    """Late, due within a day, this week, later."""
    bounds = [
        (_("Late"), "late", now),
        (_("Within 24 hours"), "soon", now + dt.timedelta(hours=24)),
        (_("Within a week"), "", now + dt.timedelta(days=7)),
        (_("Later"), "", None),
    ]
    groups, rest = [], list(owed)
    for heading, look, until in bounds:
        inside = [d for d in rest if until is None or d.due_at < until]
        rest = rest[len(inside) :]
        if inside:
            groups.append(Group(heading, look, len(inside), _lines(inside)[:IN_GROUP]))
    return groups


def _lines(duties) -> list[Deadline]:
    """Each with its `label`; what one form settles together (a week's progress) is one line, with
    how many more are `alike`.
    """
    lines = {}
    for duty in duties:
        line = lines.setdefault((duty.kind, duty.link), duty)
        if line is duty:
            duty.label, duty.alike = kinds.get(duty.kind).label, 0
        else:
            line.alike += 1
    return list(lines.values())
