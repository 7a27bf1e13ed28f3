"""Stage 3: the week of one subtask (R16)."""

import datetime as dt

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _

from coordination.pages import ActPage
from tasks.choices import Stage
from tasks.forms.assignment import ProgressForm
from tasks.policies import planned_percent
from tasks.services import progress
from tasks.views.assignment import SubtaskPage


class ReportProgress(SubtaskPage, ActPage):
    template_name = "tasks/progress_report.html"
    form_class = ProgressForm
    action = "report"
    stages = (Stage.EXECUTION,)

    def get_initial(self):
        """This week as already reported, else as planned, with last week's actual."""
        week = progress.this_week(timezone.now())
        updates = {u.week: u for u in self.subtask.progress.order_by("-week")[:60]}
        if week in updates:
            update = updates[week]
            return {
                "week": week,
                "version": update.version,
                "planned": update.planned,
                "actual": update.actual,
                "reason": update.reason,
            }
        sunday = week + dt.timedelta(days=6)
        latest = next(iter(updates.values()), None)
        return {
            "week": week,
            "planned": planned_percent(self.subtask.start_date, self.subtask.due_date, sunday),
            "actual": latest.actual if latest else None,
        }

    def act(self, form, now):
        progress.report_progress(
            subtask=self.subtask, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("Progress is reported."))
        return self.subtask
