"""The roll-up of a week, written above what goes out with it (R17)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from coordination.pages import ActPage
from tasks.services.shared import departments_of
from tasks.workflow import WORK_OPEN
from weekly import permissions
from weekly.build import build
from weekly.draft import needs_of, summary_of
from weekly.forms import NeedFormSet, WeekForm
from weekly.models import WeeklyReport
from weekly.report import Report, read
from weekly.services import issuing
from weekly.views.week import WeekOfTask, parts_of


class WeekSend(WeekOfTask, ActPage):
    """What can be known stands there already; the initiator looks it through and sends it."""

    template_name = "weekly/week_send.html"
    form_class = WeekForm
    stages = WORK_OPEN

    def load(self):
        super().load()
        permissions.WEEK.require(self.request.user, "send", self.task)

    def dispatch(self, request, *args, **kwargs):
        if self.monday is None:
            return redirect("weekly:week", self.task.pk)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def last(self) -> WeeklyReport | None:
        """The last version that went out."""
        return self.versions[-1] if self.versions else None

    @cached_property
    def told(self) -> Report | None:
        return read(self.last.content) if self.last else None

    @cached_property
    def report(self) -> Report:
        """The week as it stands now."""
        return build(self.task, self.monday, self.terms, self.figures_before)

    def get_initial(self):
        words = self.told.summary if self.told else ""
        return {
            "week": self.monday,
            "seen": self.last.number if self.last else 0,
            "summary": words or summary_of(self.report),
        }

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"is_sent": self.is_sent(self.monday)}

    @cached_property
    def needs(self):
        """A line for every lagging subtask stands there; the initiator says what it needs."""
        departments = {each.name: each.pk for each in departments_of(self.task)}
        options = {
            "subtasks": [(row.subtask, row.name) for row in self.report.rows],
            "departments": [(pk, name) for name, pk in departments.items()],
        }
        data = self.request.POST if self.request.method == "POST" else None
        lines = needs_of(self.report, departments, self.told.needs if self.told else ())
        return NeedFormSet(data, prefix="needs", initial=lines, form_kwargs=options)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **parts_of(self.report),
            old_rows={},
            monday=self.monday,
            last=self.last,
            told=self.told,
            needs=self.needs,
            receivers=[
                each
                for each in departments_of(self.task)
                if each.head_id not in (None, self.request.user.pk)
            ],
            opens_on=None if self.request.method == "POST" else self.opens_on,
            now=self.terms.now,
            **kwargs,
        )

    def form_valid(self, form):
        if not self.needs.is_valid():
            return self.form_invalid(form)
        return super().form_valid(form)

    def form_invalid(self, form, status=422, **context):
        """Whoever was overtaken sees the newer version and sends knowingly the next time."""
        seen = form.data.get("seen")
        is_overtaken = self.last is not None and str(self.last.number) != seen
        if is_overtaken:
            form.data = form.data.copy()
            form.data["seen"] = self.last.number
        return super().form_invalid(form, status, is_overtaken=is_overtaken, **context)

    def act(self, form, now):
        needs = [
            {name: row.get(name) for name in ("subtask", "what", "department")}
            for row in self.needs.rows
        ]
        words = {name: value for name, value in form.cleaned_data.items() if value is not None}
        try:
            report = issuing.send_weekly_sync(
                task=self.task, by=self.request.user, now=now, needs=needs, **words
            )
        except issuing.LaggingNotNamed as error:
            self.needs.mark(error.subtasks)
            raise
        messages.success(self.request, _("The weekly sync is sent."))
        return report
