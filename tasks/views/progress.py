"""Stage 3: the week of one subtask (R16)."""

import datetime as dt

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _

from coordination.pages import ActPage
from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks.choices import Stage
from tasks.forms.assignment import ProgressForm
from tasks.policies import planned_percent
from tasks.services import progress
from tasks.views.assignment import SubtaskPage
from tasks.weeks import weeks_of_subtask


class ReportProgress(SubtaskPage, ActPage):
    template_name = "tasks/progress_report.html"
    form_class = ProgressForm
    action = "report"
    stages = (Stage.EXECUTION,)

    def get_initial(self):
        """A week as already reported, else as planned, with the actual of the week before.

        `?week=` is its Monday; without it, this week.
        """
        week = self._week()
        latest = self.subtask.progress.filter(week__lte=week).last()
        if latest and latest.week == week:
            return {
                "week": week,
                "version": latest.version,
                "planned": latest.planned,
                "actual": latest.actual,
                "reason": latest.reason,
            }
        sunday = week + dt.timedelta(days=6)
        return {
            "week": week,
            "planned": planned_percent(self.subtask.start_date, self.subtask.due_date, sunday),
            "actual": latest.actual if latest else None,
        }

    def _week(self):
        terms = Terms.current(timezone.now())
        owed = {week.isoformat(): week for week in weeks_of_subtask(self.subtask, terms)}
        return owed.get(self.request.GET.get("week"), week_of(terms.today))

    def act(self, form, now):
        progress.report_progress(
            subtask=self.subtask, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("Progress is reported."))
        return self.subtask
