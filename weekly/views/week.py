"""A week of the whole task: its dashboard, its versions, who has read them (R17)."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks.models import Task
from tasks.pages import TaskPage
from tasks.policies import WEEK
from tasks.workflow import WORK_OPEN
from weekly import permissions
from weekly.attention import attention
from weekly.build import build
from weekly.models import Reading, WeeklyReport, WeeklySync
from weekly.report import Figures, Report, corrections, read
from weekly.services import issuing
from weekly.tiles import due_next_week, tiles
from weekly.weeks import opens_on, weeks_of_task
from weekly.wording import shifts

AT_MOST = 53


def parts_of(report: Report) -> dict:
    """A report as the page and the preview of a roll-up show it."""
    return {
        "report": report,
        "tiles": tiles(report),
        "attention": attention(report),
        "shifts": shifts(report.changes),
        "next_steps": [row for row in report.rows if row.next_steps],
        "next_items": due_next_week(report),
    }


@dataclass(frozen=True)
class Week:
    """A week of work as the page shows it: sent, late, or still to send."""

    monday: dt.date
    sync: WeeklySync | None
    due: dt.datetime | None
    """When it is issued at the latest; None when that is past or nothing waits."""
    is_late: bool

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


class WeekOfTask(TaskPage):
    """`?week=` is the Monday of the week; without it, the last one that is over is shown, and once
    the person's side has sent that one, the week it is now.
    """

    tab = "weeks"

    def load(self):
        super().load()
        self.terms = Terms.current(timezone.now())
        self.terms.organisation = self.request.organisation
        self.mondays = weeks_of_task(self.task, self.terms)[::-1]
        syncs = self.task.weekly_syncs.select_related("sent_by")
        self.syncs = {sync.week: sync for sync in syncs}

    @cached_property
    def monday(self):
        """The week asked for, else the one that counts now; None before any."""
        asked = self.request.POST.get("week") or self.request.GET.get("week")
        by_name = {week.isoformat(): week for week in self.mondays}
        return by_name.get(asked) or self._of_now()

    def _of_now(self):
        over = [week for week in self.mondays if week < week_of(self.terms.today)]
        settled = not over or (self.is_sent(over[0]) and self.may_lead)
        return next(iter(self.mondays if settled else over), None)

    @cached_property
    def may_lead(self) -> bool:
        """Whether the person rolls up this task's weeks."""
        return permissions.WEEK.allows(self.request.user, "send", self.task)

    @property
    def unsent(self) -> list[dt.date]:
        """Weeks before the one shown that were never sent, latest first."""
        return [week for week in self.mondays if week < self.monday and not self.is_sent(week)]

    @property
    def sync(self) -> WeeklySync | None:
        return self.syncs.get(self.monday)

    def is_sent(self, week):
        return week in self.syncs and self.syncs[week].sent_at is not None

    @cached_property
    def reports(self) -> list[WeeklyReport]:
        """All versions of this week's report and of that before, in one statement."""
        weeks = [self.monday, self.monday - WEEK]
        found = WeeklyReport.objects.filter(sync__task=self.task, sync__week__in=weeks)
        return list(found.select_related("sync", "issued_by").order_by("number"))

    @cached_property
    def versions(self) -> list[WeeklyReport]:
        return [report for report in self.reports if report.sync.week == self.monday]

    @property
    def figures_before(self) -> Figures | None:
        """Those of the last report of the week before."""
        before = [report for report in self.reports if report.sync.week != self.monday]
        return read(before[-1].content).figures if before else None

    @cached_property
    def may_send(self):
        return self.monday is not None and self.task.stage in WORK_OPEN and self.may_lead

    @property
    def opens_on(self) -> dt.date | None:
        """The day from which the week can be sent; None: it can."""
        return opens_on(self.task, self.monday, self.terms)


class WeekPage(WeekOfTask, TemplateView):
    """The dashboard of a week. `?version=` is a version of its report; without it, the last that
    was issued, or the week as it stands now.
    """

    template_name = "weekly/week.html"

    @cached_property
    def version(self) -> WeeklyReport | None:
        """The version shown; None: the week as it stands now."""
        asked = self.request.GET.get("version")
        found = [version for version in self.versions if str(version.number) == asked]
        return next(iter(found or self.versions[-1:]), None)

    @cached_property
    def report(self) -> Report:
        if self.version:
            return read(self.version.content)
        return build(self.task, self.monday, self.terms, self.figures_before)

    def get_context_data(self, **kwargs):
        if self.monday:
            kwargs |= self._around(self.mondays.index(self.monday)) | self._of_version()
            kwargs |= parts_of(self.report)
            kwargs["opens_on"] = self.opens_on
            kwargs["until"] = (kwargs["week"].due or self.terms.now) - self.terms.now
        return super().get_context_data(
            monday=self.monday, now=self.terms.now, may_send=self.may_send, **kwargs
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
            "unsent": self.unsent if self.may_send else [],
        }

    def _of_version(self):
        """The version shown, what it puts right, and who has read it."""
        if self.version is None:
            return {"old_rows": {}}
        readings = list(self.version.readings.select_related("reader", "department"))
        own = [r for r in readings if r.reader_id == self.request.user.pk and not r.read_at]
        before = [read(v.content) for v in self.versions if v.number == self.version.number - 1]
        return {
            "version": self.version,
            "versions": self.versions,
            "readings": readings,
            "read": sum(reading.read_at is not None for reading in readings),
            "own_reading": None if self.task.has_ended else next(iter(own), None),
            "newest": self.versions[-1],
            "old_summary": next((report.summary for report in before), ""),
            "old_needs": [
                need for report in before for need in report.needs if need not in self.report.needs
            ],
            "old_rows": {
                each.old.subtask: each.old
                for report in before
                for each in corrections(report, self.report)
            },
        }

    def _week(self, monday):
        """The row knows its noon; a week that no run has opened yet has none."""
        sync = self.syncs.get(monday)
        if sync is None:
            return Week(monday, None, None, is_late=monday < week_of(self.terms.today) - WEEK)
        if sync.sent_at or not sync.issue_at:
            return Week(monday, sync, None, is_late=not sync.sent_at)
        return Week(monday, sync, sync.issue_at, self.terms.now > sync.issue_at)


@require_POST
def reading_confirm(request: HttpRequest, pk: int) -> HttpResponseRedirect:
    """A department head confirms having read a report."""
    visible = Task.objects.visible_to(request.user)
    readings = Reading.objects.filter(report__sync__task__in=visible)
    reading = get_object_or_404(readings.select_related("report__sync__task"), pk=pk)
    issuing.confirm_reading(reading=reading, by=request.user, now=timezone.now())
    messages.success(request, _("Marked as read."))
    return redirect(reading.report)
