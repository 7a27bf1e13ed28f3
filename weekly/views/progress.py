"""One person's week: every subtask of theirs that owes a report, in one form (R16)."""

import datetime as dt
import re
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from coordination.errors import DomainError, EditedMeanwhile
from coordination.pages import before_in
from coordination.words import listing
from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks import permissions
from tasks.choices import Stage
from tasks.models import Plan, ProgressUpdate, Subtask, SupportRequest, Task
from tasks.policies import WEEK
from tasks.services.planning import current_plan
from weekly.forms import PROMISE, ProgressForm
from weekly.models import WeeklyReport
from weekly.services.progress import broken_promises, report_progress
from weekly.weeks import weeks_of_subtask

AT_MOST = 100
OWED_AT_MOST = 12
TYPED = re.compile(r"s(\d{1,18})-(?:actual|as_planned|reason|next_steps)")


@dataclass(frozen=True)
class Days:
    """A week by its first and last day."""

    monday: dt.date

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


@dataclass
class Line:
    """One subtask in the week: what was planned, what was reported, its form."""

    subtask: Subtask
    planned: int
    update: ProgressUpdate | None
    before: ProgressUpdate | None
    """The last report of an earlier week."""
    is_out: bool
    """Whether the week's report has been issued: what changes now is a correction."""
    form: ProgressForm
    may_finish: bool
    conflict: EditedMeanwhile | None = None

    @property
    def was_refused(self) -> bool:
        return bool(self.conflict or self.form.errors)

    @property
    def behind(self) -> int:
        """Percent points below the plan, as reported; negative when ahead of it."""
        return -self.update.deviation

    @property
    def ahead(self) -> int:
        return self.update.deviation


class MyWeek(TemplateView):
    """`?week=` is a Monday; without it, the latest week that is over and owes a report, else this
    one.

    `?subtask=` shows one subtask only, for those who report on behalf of its owner.
    """

    template_name = "weekly/my_week.html"
    extra_context = {"nav": "my_week"}

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.terms = Terms.current(timezone.now())
        self.this_week = week_of(self.terms.today)

    @cached_property
    def asked(self) -> int | None:
        return before_in(self.request, "subtask")

    @cached_property
    def subtasks(self) -> list[Subtask]:
        person = self.request.user
        running = Subtask.objects.open().filter(task__stage=Stage.EXECUTION)
        if self.asked is None:
            rows = running.filter(owner=person)
        else:
            rows = running.filter(pk=self.asked, task__in=Task.objects.visible_to(person))
        found = list(_with_all(rows).order_by("due_date", "pk")[:AT_MOST])
        return [s for s in found if permissions.SUBTASK.allows(person, "report", s)]

    @cached_property
    def weeks(self) -> dict[int, list[dt.date]]:
        """The weeks of each subtask, oldest first."""
        return {s.pk: weeks_of_subtask(s, self.terms) for s in self.subtasks}

    @cached_property
    def owed(self) -> list[dt.date]:
        """The weeks that still owe a report, oldest first."""
        found = set()
        for subtask in self.subtasks:
            reported = {update.week for update in subtask.progress.all()}
            found |= set(self.weeks[subtask.pk]) - reported
        return sorted(found)

    @cached_property
    def first_week(self) -> dt.date:
        return min((weeks[0] for weeks in self.weeks.values() if weeks), default=self.this_week)

    @cached_property
    def week(self) -> dt.date:
        asked = self.request.POST.get("week") or self.request.GET.get("week", "")
        try:
            week = week_of(dt.date.fromisoformat(asked))
        except (ValueError, OverflowError):
            return self._of_now()
        return max(min(week, self.this_week), self.first_week)

    def _of_now(self) -> dt.date:
        """The latest week that is over and owes a report, else the one it is now."""
        over = [week for week in self.owed if week < self.this_week]
        return next(reversed(over), self.this_week)

    @cached_property
    def lines(self) -> list[Line]:
        at_work = [s for s in self.subtasks if self.week in self.weeks[s.pk]]
        reports = WeeklyReport.objects.filter(
            sync__week=self.week, sync__task__in={s.task_id for s in at_work}
        )
        out = set(reports.values_list("sync__task", flat=True)) if at_work else set()
        return [self._line(subtask, subtask.task_id in out) for subtask in at_work]

    def _line(self, subtask, is_out):
        updates = list(subtask.progress.all())
        update = next((u for u in updates if u.week == self.week), None)
        before = next((u for u in reversed(updates) if u.week < self.week), None)
        planned = update.planned if update else current_plan(subtask).percent_in(self.week)
        form = self._form(subtask, update, before, planned=planned, is_out=is_out)
        may_finish = permissions.SUBTASK.allows(self.request.user, "finish", subtask)
        return Line(subtask, planned, update, before, is_out, form, may_finish)

    def _form(self, subtask, update, before, **figures):
        data = self.request.POST if self.request.method == "POST" else None
        prefix = f"s{subtask.pk}"
        # Whoever has not seen that it is reported has not seen any of it.
        seen = update if data is None or data.get(f"{prefix}-version") else None
        broken = broken_promises(subtask, self.terms.today)
        if update and update.waits_for_id:
            broken += [
                request
                for request in subtask.support_requests.all()
                if request.pk == update.waits_for_id and request not in broken
            ]
        initial = _said(seen) if seen else _offered(before)
        return ProgressForm(data, prefix=prefix, broken=broken, initial=initial, **figures)

    def get_context_data(self, **kwargs):
        others = [week for week in self.owed if week != self.week]
        return super().get_context_data(
            lines=self.lines,
            to_report=sum(line.update is None for line in self.lines),
            week=Days(self.week),
            this_week=self.this_week,
            earlier=self.week - WEEK if self.week > self.first_week else None,
            later=self.week + WEEK if self.week < self.this_week else None,
            owed=[Days(week) for week in others[:OWED_AT_MOST]],
            owed_more=len(others[OWED_AT_MOST:]),
            only=self.subtasks[0] if self.asked and self.subtasks else None,
            is_cut=len(self.subtasks) == AT_MOST,
            now=self.terms.now,
            due=self.terms.end_of_week(self.week).at,
            tolerance=self.terms.organisation.tolerance,
            **kwargs,
        )

    def post(self, request, *args, **kwargs):
        told = [line for line in self.lines if line.form.is_told]
        if not self._report(told):
            return self.render_to_response(self.get_context_data(refused=True), status=422)
        self._say(told)
        query = {"week": self.week.isoformat()} | ({"subtask": self.asked} if self.asked else {})
        return redirect(f"{request.path}?{urlencode(query)}")

    def _report(self, told) -> bool:
        """Stores all lines or none; every refusal stands beside its field."""
        with transaction.atomic():
            for line in sorted(told, key=lambda line: line.subtask.task_id):
                if line.form.is_valid():
                    self._report_one(line)
            refused = any(line.was_refused for line in told)
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
            line.form.rebase(error.current_version)
            line.conflict = error
        except DomainError as error:
            if error.status == 403:
                raise
            line.form.refuse(error)

    def _say(self, told):
        if told:
            words = ngettext("%d subtask is reported.", "%d subtasks are reported.", len(told))
            messages.success(self.request, words % len(told))
        gone = self._gone()
        if gone:
            words = _("Not reported, because it is no longer yours or no longer open: %(names)s.")
            messages.warning(self.request, words % {"names": listing(gone)})
        if not (told or gone):
            messages.info(self.request, _("Nothing was filled in, so nothing is reported."))

    def _gone(self) -> list[Subtask]:
        """What was filled in and has been taken from this person, or ended, meanwhile."""
        post = self.request.POST
        typed = [
            int(match[1])
            for name, value in post.items()
            if (match := TYPED.fullmatch(name)) and value != post.get(f"initial-{name}", "")
        ]
        gone = set(typed[:AT_MOST]) - {line.subtask.pk for line in self.lines}
        visible = Task.objects.visible_to(self.request.user)
        return list(Subtask.objects.filter(pk__in=gone, task__in=visible)) if gone else []


def _with_all(subtasks):
    """All that the lines are made of, in a fixed number of reads."""
    return subtasks.select_related("task__department", "department").prefetch_related(
        Prefetch("plans", Plan.objects.order_by("number")),
        Prefetch("progress", ProgressUpdate.objects.select_related("reported_by").order_by("week")),
        Prefetch("support_requests", SupportRequest.objects.select_related("department")),
        "task__collaborations",
    )


def _said(update: ProgressUpdate) -> dict:
    """What a report says, as its form shows it."""
    names = ("version", "actual", "cause", "reason", "expected_finish", "next_steps")
    values = {name: getattr(update, name) for name in names}
    if update.waits_for_id:
        values["cause"] = f"{PROMISE}{update.waits_for_id}"
    return values


def _offered(before: ProgressUpdate | None) -> dict:
    return {"expected_finish": before.expected_finish if before else None}
