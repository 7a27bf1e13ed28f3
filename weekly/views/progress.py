"""One person's week: every subtask of theirs that owes a report, in one form (R16)."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from coordination.errors import DomainError, EditedMeanwhile
from coordination.pages import before_in
from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks import permissions
from tasks.choices import Stage
from tasks.models import ProgressUpdate, Subtask, Task
from tasks.policies import WEEK
from tasks.services.planning import current_plan
from weekly.forms import ProgressForm
from weekly.models import WeeklyReport
from weekly.services.progress import broken_promises, report_progress
from weekly.weeks import weeks_of_subtask

AT_MOST = 100


@dataclass
class Line:
    """One subtask in the week: what was planned, what was reported, its form."""

    subtask: Subtask
    planned: int
    update: ProgressUpdate | None
    before: ProgressUpdate | None
    is_out: bool
    """Whether the week's report has been issued: what changes now is a correction."""
    broken: list
    form: ProgressForm


class MyWeek(TemplateView):
    """`?week=` is a Monday; without it, the oldest week that still owes a report, else this one.

    `?subtask=` shows one subtask only, for those who report on behalf of its owner.
    """

    template_name = "weekly/my_week.html"
    extra_context = {"nav": "my_week"}

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.terms = Terms.current(timezone.now())

    @cached_property
    def subtasks(self):
        person = self.request.user
        running = Subtask.objects.open().filter(task__stage=Stage.EXECUTION)
        asked = before_in(self.request, "subtask")
        mine = running.filter(owner=person)
        if asked is not None:
            visible = Task.objects.visible_to(person)
            mine = running.filter(pk=asked, task__in=visible)
        rows = mine.select_related("task__department", "department").prefetch_related(
            "plans", "progress", "support_requests__department", "task__collaborations"
        )
        found = list(rows.order_by("due_date", "pk")[:AT_MOST])
        return [s for s in found if permissions.SUBTASK.allows(person, "report", s)]

    @cached_property
    def week(self) -> dt.date:
        asked = self.request.POST.get("week") or self.request.GET.get("week", "")
        this = week_of(self.terms.today)
        try:
            return min(week_of(dt.date.fromisoformat(asked)), this)
        except ValueError:
            return min(self._owed(), default=this)

    def _owed(self):
        for subtask in self.subtasks:
            reported = {update.week for update in subtask.progress.all()}
            yield from (
                week for week in weeks_of_subtask(subtask, self.terms) if week not in reported
            )

    @cached_property
    def lines(self) -> list[Line]:
        at_work = [s for s in self.subtasks if self.week in weeks_of_subtask(s, self.terms)]
        out = set(
            WeeklyReport.objects.filter(
                sync__week=self.week, sync__task__in={s.task_id for s in at_work}
            ).values_list("sync__task", flat=True)
        )
        return [self._line(subtask, subtask.task_id in out) for subtask in at_work]

    def _line(self, subtask, is_out):
        updates = sorted(subtask.progress.all(), key=lambda update: update.week)
        update = next((u for u in updates if u.week == self.week), None)
        before = next((u for u in reversed(updates) if u.week < self.week), None)
        planned = update.planned if update else current_plan(subtask).percent_in(self.week)
        broken = broken_promises(subtask, self.terms.today)
        data = self.request.POST if self.request.method == "POST" else None
        form = ProgressForm(
            data, prefix=f"s{subtask.pk}", broken=broken, initial=_initial(update, before)
        )
        return Line(subtask, planned, update, before, is_out, broken, form)

    def get_context_data(self, **kwargs):
        this = week_of(self.terms.today)
        return super().get_context_data(
            lines=self.lines,
            monday=self.week,
            sunday=self.week + dt.timedelta(days=6),
            earlier=self.week - WEEK,
            later=self.week + WEEK if self.week < this else None,
            now=self.terms.now,
            tolerance=self.terms.organisation.tolerance,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        told = [line for line in self.lines if line.form.is_valid() and _says(line)]
        valid = all(line.form.is_valid() for line in self.lines)
        if not (valid and self._report(told)):
            return self.render_to_response(self.get_context_data(refused=True), status=422)
        number = len(told)
        words = ngettext("%d subtask is reported.", "%d subtasks are reported.", number)
        messages.success(request, words % number)
        return redirect(f"{request.path}?week={self.week.isoformat()}")

    def _report(self, told) -> bool:
        """Stores all lines or none; a refusal stands beside its field."""
        with transaction.atomic():
            for line in sorted(told, key=lambda line: line.subtask.task_id):
                self._report_one(line)
            refused = any(line.form.errors for line in told)
            if refused:
                transaction.set_rollback(True)
        return not refused

    def _report_one(self, line):
        try:
            with transaction.atomic():
                report_progress(
                    subtask=line.subtask,
                    by=self.request.user,
                    now=self.terms.now,
                    week=self.week,
                    **line.form.values,
                )
        except EditedMeanwhile as error:
            line.form.refuse(error)
        except DomainError as error:
            if error.status == 403:
                raise
            line.form.refuse(error)


def _initial(update, before):
    if update is None:
        return {"expected_finish": before.expected_finish if before else None}
    names = ("version", "actual", "cause", "reason", "expected_finish", "next_steps")
    values = {name: getattr(update, name) for name in names}
    if update.waits_for_id:
        values["cause"] = f"promise:{update.waits_for_id}"
    return values


def _says(line) -> bool:
    return line.form.cleaned_data.get("actual") is not None and line.form.has_changed()
