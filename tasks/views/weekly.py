"""Stage 3: a week of the whole task, and its roll-up to every department head (R17)."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from coordination.pages import ActPage
from deadlines.terms import Terms
from tasks import permissions
from tasks.forms.weekly import WeeklySyncForm
from tasks.models import WeeklySync
from tasks.pages import TaskPage
from tasks.services import weekly
from tasks.weeks import rows_of_week, weeks_of_task
from tasks.workflow import WORK_OPEN

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


class WeeklySyncPage(TaskPage, ActPage):
    """`?week=` is the Monday of the week; without it, the one that waits longest is shown."""

    template_name = "tasks/weekly_sync.html"
    form_class = WeeklySyncForm
    tab = "weeks"

    def load(self):
        super().load()
        if self.request.method == "POST":
            permissions.TASK.require(self.request.user, "send_sync", self.task)
        self.terms = Terms.current(timezone.now())
        self.mondays = weeks_of_task(self.task, self.terms)[::-1]
        self.sent = {s.week: s for s in self.task.weekly_syncs.select_related("sent_by")}

    @cached_property
    def monday(self):
        """The week asked for, else the oldest that was not sent, else the last; None before any."""
        asked = self.request.POST.get("week") or self.request.GET.get("week")
        by_name = {week.isoformat(): week for week in self.mondays}
        waiting = [week for week in self.mondays if week not in self.sent]
        return by_name.get(asked) or next(iter(waiting[-1:] or self.mondays), None)

    @cached_property
    def rows(self):
        return rows_of_week(self.task, self.monday, self.terms) if self.monday else []

    def get_initial(self):
        """The lagging subtasks stand there by name; the person says what each needs (R17)."""
        lines = [weekly.opening_line(row.subtask) for row in self.rows if row.behind]
        return {"week": self.monday, "resources": "\n".join(lines)}

    def get_context_data(self, **kwargs):
        if self.monday:
            kwargs |= self._around(self.mondays.index(self.monday))
        return super().get_context_data(
            rows=self.rows, monday=self.monday, now=self.terms.now, **kwargs
        )

    def _around(self, at):
        """The chosen week, its neighbours, a year of weeks around it; what one may do."""
        first = max(min(at - AT_MOST // 2, len(self.mondays) - AT_MOST), 0)
        weeks = [self._week(monday) for monday in self.mondays[first : first + AT_MOST]]
        user, task = self.request.user, self.task
        return {
            "weeks": weeks,
            "week": weeks[at - first],
            "later": weeks[at - first - 1] if at else None,
            "earlier": next(iter(weeks[at - first + 1 :]), None),
            "readers": weekly.readers_of(task, user),
            "may_send": task.stage in WORK_OPEN
            and permissions.TASK.allows(user, "send_sync", task),
        }

    def _week(self, monday):
        due = self.terms.monday_noon(monday).at
        return Week(monday, self.sent.get(monday), due, self.terms.now > due)

    def act(self, form, now):
        sync = weekly.send_weekly_sync(
            task=self.task, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("The weekly sync is sent."))
        return sync
