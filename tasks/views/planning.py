"""Stage 3: the plan of a subtask, week by week, and the plans before it (R16)."""

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise

from django.contrib import messages
from django.utils import timezone
from django.utils.translation import gettext as _

from coordination.pages import ActPage
from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks.forms.planning import PlanForm
from tasks.models import Plan
from tasks.policies import linear_plan, planned_anew
from tasks.services.planning import current_plan, set_plan
from tasks.views.assignment import SubtaskPage
from tasks.workflow import ASSIGNMENT_OPEN

AT_MOST = 20


@dataclass(frozen=True)
class Version:
    """A plan beside the one before it; None beside the oldest that is shown."""

    plan: Plan
    before: Plan | None

    @property
    def steps(self) -> list[tuple[dt.date, int | None, int]]:
        """Each week with what was planned before, where that differs, and what is planned."""
        return [(week, self._replaced(week), self.plan.percent_in(week)) for week in self._weeks]

    @property
    def _weeks(self):
        return [dt.date.fromisoformat(week) for week in sorted(self.plan.weeks)]

    def _replaced(self, week):
        before = self.before.percent_in(week) if self.before else None
        return None if before == self.plan.percent_in(week) else before

    @property
    def moved_from(self) -> dt.date | None:
        """The due date before, where it was another one."""
        moved = self.before and self.before.due_date != self.plan.due_date
        return self.before.due_date if moved else None


def versions_of(plans: list[Plan]) -> list[Version]:
    """Plans, newest first, each beside the one before it."""
    return [Version(plan, before) for plan, before in pairwise([*plans, None])]


class PlanPage(SubtaskPage, ActPage):
    """`?even=1` fills in an even plan, to be saved or not."""

    template_name = "tasks/plan.html"
    form_class = PlanForm
    action = "plan"
    stages = ASSIGNMENT_OPEN

    def load(self):
        super().load()
        self.plan = current_plan(self.subtask)
        self.even = linear_plan(self.subtask.start_date, self.subtask.due_date)
        self.this_week = ""
        if self.task.confirmed_at:
            self.this_week = week_of(Terms.current(timezone.now()).today).isoformat()
            self.even = planned_anew(self.plan.weeks, self.even, self.this_week)

    def get_form_kwargs(self):
        planned = {week: self.plan.percent_in(dt.date.fromisoformat(week)) for week in self.even}
        return super().get_form_kwargs() | {
            "steps": self.even if "even" in self.request.GET else planned,
            "even": self.even,
            "confirmed": bool(self.task.confirmed_at),
            "over_before": self.this_week,
        }

    def get_initial(self):
        return {"version": self.plan.number}

    def get_context_data(self, **kwargs):
        plans = self.subtask.plans.select_related("made_by").order_by("-number")
        found = list(plans[: AT_MOST + 1])
        return super().get_context_data(
            versions=versions_of(found)[:AT_MOST],
            is_cut=len(found) > AT_MOST,
            **kwargs,
        )

    def act(self, form, now):
        set_plan(
            subtask=self.subtask,
            weeks=form.weeks,
            by=self.request.user,
            now=now,
            reason=form.cleaned_data.get("reason", ""),
            number=form.cleaned_data["version"],
        )
        messages.success(self.request, _("The plan is kept."))
        return self.subtask
