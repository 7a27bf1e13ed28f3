"""A week of the whole task: its dashboard, its versions, and its roll-up (R17)."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Department
from coordination.pages import ActPage
from deadlines.terms import Terms
from tasks.models import Task
from tasks.pages import TaskPage
from tasks.workflow import WORK_OPEN
from weekly import permissions
from weekly.build import build
from weekly.forms import NeedFormSet, WeekForm
from weekly.models import Reading, WeeklyReport, WeeklySync
from weekly.report import Report, corrections, read
from weekly.services import issuing
from weekly.weeks import may_be_sent_from, weeks_of_task

AT_MOST = 53


@dataclass(frozen=True)
class Week:
    """A week of work as the page shows it: sent, late, or still to send."""

    monday: dt.date
    sync: WeeklySync | None
    due: dt.datetime
    is_late: bool

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


class WeekPage(TaskPage, ActPage):
    """`?week=` is the Monday of the week; without it, the one that waits longest is shown.

    `?version=` is a version of its report; without it, the last that was issued, or the week as it
    stands now.
    """

    template_name = "weekly/week.html"
    form_class = WeekForm
    tab = "weeks"

    def load(self):
        super().load()
        if self.request.method == "POST":
            permissions.WEEK.require(self.request.user, "send", self.task)
        self.terms = Terms.current(timezone.now())
        self.mondays = weeks_of_task(self.task, self.terms)[::-1]
        syncs = self.task.weekly_syncs.select_related("sent_by")
        self.syncs = {sync.week: sync for sync in syncs}

    @cached_property
    def monday(self):
        """The week asked for, else the oldest that was not sent, else the last; None before any."""
        asked = self.request.POST.get("week") or self.request.GET.get("week")
        by_name = {week.isoformat(): week for week in self.mondays}
        waiting = [week for week in self.mondays if not self._sent(week)]
        return by_name.get(asked) or next(iter(waiting[-1:] or self.mondays), None)

    def _sent(self, week):
        return week in self.syncs and self.syncs[week].sent_at is not None

    @cached_property
    def versions(self) -> list[WeeklyReport]:
        sync = self.syncs.get(self.monday)
        return list(sync.reports.select_related("issued_by")) if sync else []

    @cached_property
    def version(self) -> WeeklyReport | None:
        """The version shown; None: the week as it stands now."""
        asked = self.request.GET.get("version")
        found = [version for version in self.versions if str(version.number) == asked]
        return next(iter(found or self.versions[-1:]), None)

    @cached_property
    def live(self) -> Report:
        """The week as it stands now, to be sent."""
        return build(self.task, self.monday, self.terms)

    @cached_property
    def report(self) -> Report | None:
        if self.monday is None:
            return None
        return read(self.version.content) if self.version else self.live

    @cached_property
    def may_send(self):
        return (
            self.monday is not None
            and self.task.stage in WORK_OPEN
            and permissions.WEEK.allows(self.request.user, "send", self.task)
        )

    def get_initial(self):
        last = self.versions[-1] if self.versions else None
        told = read(last.content) if last else None
        return {
            "week": self.monday,
            "seen": last.number if last else 0,
            "summary": told.summary if told else "",
        }

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"is_sent": self._sent(self.monday)}

    @cached_property
    def needs(self):
        departments = [self.task.department_id]
        departments += [c.department_id for c in self.task.collaborations.all()]
        options = {
            "subtasks": self.task.subtasks.live(),
            "departments": Department.objects.filter(pk__in=departments),
        }
        data = self.request.POST if self.request.method == "POST" else None
        lines = [{"subtask": row.subtask} for row in self.live.lagging] if self.may_send else []
        return NeedFormSet(data, prefix="needs", initial=lines, form_kwargs=options)

    def get_context_data(self, **kwargs):
        if self.monday:
            kwargs |= self._around(self.mondays.index(self.monday)) | self._of_version()
        if self.may_send:
            kwargs |= {"needs": self.needs}
        return super().get_context_data(
            report=self.report,
            monday=self.monday,
            now=self.terms.now,
            may_send=self.may_send,
            **kwargs,
        )

    def _around(self, at):
        """The chosen week, its neighbours, a year of weeks around it."""
        first = max(min(at - AT_MOST // 2, len(self.mondays) - AT_MOST), 0)
        weeks = [self._week(monday) for monday in self.mondays[first : first + AT_MOST]]
        return {
            "weeks": weeks,
            "week": weeks[at - first],
            "later": weeks[at - first - 1] if at else None,
            "earlier": next(iter(weeks[at - first + 1 :]), None),
            "readers": issuing.readers_of(self.task, self.request.user),
            "send_from": may_be_sent_from(self.monday, self.terms),
        }

    def _of_version(self):
        """The version shown, what it puts right, and who has read it."""
        if self.version is None:
            return {}
        readings = list(self.version.readings.select_related("reader", "department"))
        own = [r for r in readings if r.reader_id == self.request.user.pk and not r.read_at]
        before = [v for v in self.versions if v.number == self.version.number - 1]
        return {
            "version": self.version,
            "versions": self.versions,
            "readings": readings,
            "own_reading": next(iter(own), None),
            "corrections": [c for v in before for c in corrections(read(v.content), self.report)],
        }

    def _week(self, monday):
        due = self.terms.monday_noon(monday).at
        return Week(monday, self.syncs.get(monday), due, self.terms.now > due)

    def form_valid(self, form):
        if not self.needs.is_valid():
            return self.form_invalid(form)
        return super().form_valid(form)

    def act(self, form, now):
        needs = [
            {name: row.get(name) for name in ("subtask", "what", "department")}
            for row in self.needs.rows
        ]
        words = {name: value for name, value in form.cleaned_data.items() if value is not None}
        report = issuing.send_weekly_sync(
            task=self.task, by=self.request.user, now=now, needs=needs, **words
        )
        messages.success(self.request, _("The weekly sync is sent."))
        return report


@require_POST
def reading_confirm(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """A department head confirms having read a report."""
    visible = Task.objects.visible_to(request.user)
    readings = Reading.objects.filter(report__sync__task__in=visible)
    reading = get_object_or_404(readings.select_related("report__sync"), pk=pk)
    issuing.confirm_reading(reading=reading, by=request.user, now=timezone.now())
    messages.success(request, _("Marked as read."))
    return redirect(reading.report)
