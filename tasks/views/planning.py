"""Stage 3: the plan of a subtask, week by week, and the plans before it (R16)."""

from django.contrib import messages
from django.utils.translation import gettext as _

from coordination.pages import ActPage
from tasks.forms.planning import PlanForm
from tasks.policies import weeks_of_work
from tasks.services.planning import current_plan, set_plan
from tasks.views.assignment import SubtaskPage
from tasks.workflow import ASSIGNMENT_OPEN


class PlanPage(SubtaskPage, ActPage):
    template_name = "tasks/plan.html"
    form_class = PlanForm
    action = "plan"
    stages = ASSIGNMENT_OPEN

    def load(self):
        super().load()
        self.plan = current_plan(self.subtask)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "plan": self.plan,
            "weeks": weeks_of_work(self.subtask.start_date, self.subtask.due_date),
            "confirmed": bool(self.task.confirmed_at),
        }

    def get_initial(self):
        return {"version": self.plan.number}

    def get_context_data(self, **kwargs):
        plans = self.subtask.plans.select_related("made_by").order_by("-number")
        return super().get_context_data(plans=plans[:20], **kwargs)

    def act(self, form, now):
        set_plan(
            subtask=self.subtask,
            weeks=form.steps,
            by=self.request.user,
            now=now,
            reason=form.cleaned_data["reason"],
            number=form.cleaned_data["version"],
        )
        messages.success(self.request, _("The plan is kept."))
        return self.subtask
