"""Pages of the closed loop. Each act is one form and one service."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from audit.models import Event
from coordination.errors import StageChanged
from coordination.forms import PlainForm
from coordination.pages import ActPage, page_of
from coordination.words import duration
from issues import forms, loop, permissions, policies, told
from issues.filters import IssueFilter
from issues.models import Escalation, Issue, Measure, Solution
from issues.services import escalation, recording, reporting, solving
from tasks.pages import TaskPage, get_task
from tasks.workflow import WORK_OPEN

HISTORY = 30
PEOPLE = ("department", "owner", "recorded_by", "closed_by", "subtask")
ROUND = ("department", "owner", "meeting", "decided_by", "answered_by", "returned_by")


def get_issue(user, pk) -> Issue:
    """An issue of a task that this person may see; Http404 otherwise."""
    measures = Measure.objects.select_related("owner")
    rounds = Solution.objects.select_related(*ROUND).prefetch_related(
        Prefetch("measures", measures)
    )
    found = Issue.objects.select_related(*PEOPLE).prefetch_related(Prefetch("solutions", rounds))
    issue = get_object_or_404(found, pk=pk)
    issue.task = get_task(user, issue.task_id)
    return issue


class IssueList(TaskPage, TemplateView):
    template_name = "issues/issue_list.html"
    tab = "issues"

    def get_context_data(self, **kwargs):
        issues = self.task.issues.select_related("owner", "department")
        rounds = Solution.objects.select_related("owner")
        chosen = IssueFilter(
            self.request.GET, issues.prefetch_related(Prefetch("solutions", rounds))
        )
        rows, before = page_of(chosen.qs, self.request)
        for row in rows:
            row.task = self.task
        return super().get_context_data(
            filter=chosen,
            issues=rows,
            before=before,
            narrowed=any(self.request.GET.get(name) for name in chosen.filters),
            may_record=may_record(self.request.user, self.task),
            today=timezone.localdate(),
            now=timezone.now(),
            **kwargs,
        )


def may_record(user, task) -> bool:
    return task.stage in WORK_OPEN and permissions.TASK.allows(user, "record_issue", task)


class IssueCreate(TaskPage, ActPage):
    template_name = "issues/issue_create.html"
    form_class = forms.RecordForm
    tab = "issues"
    stages = WORK_OPEN

    def load(self):
        super().load()
        permissions.TASK.require(self.request.user, "record_issue", self.task)

    def get_form_kwargs(self):
        self.people = forms.people_of(self.task)
        return super().get_form_kwargs() | {"task": self.task, "people": self.people}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        mine = [m.pk for m in self.people if m.user_id == self.request.user.pk]
        form.fields["owner"].initial = mine[0] if mine else None
        return form

    def get_initial(self):
        today = timezone.localdate()
        return {"next_date": policies.weekdays_after(today, policies.ANSWER_WITHIN)}

    def get_context_data(self, **kwargs):
        return super().get_context_data(goes_to=reporting.report_goes_to(self.task), **kwargs)

    def act(self, form, now):
        issue = recording.record_issue(task=self.task, by=self.request.user, now=now, **form.values)
        messages.success(self.request, _recorded_words(issue, now))
        return issue


def _recorded_words(issue, now) -> str:
    if issue.reported_at:
        return _("Recorded, and reported to the head and the senior manager.")
    if issue.must_report:
        return _("Recorded. %(report)s") % {"report": _report_words(issue, now)}
    return _("Recorded. The people concerned are told.")


def _report_words(issue, now) -> str:
    """Until when it must be reported, said before it is too late (R20)."""
    if issue.report_due < now:
        return _("The 24 hours for reporting it upwards are over: report it now.")
    words = {"at": loop.moment(issue.report_due), "time": duration(issue.report_due - now)}
    return _("It must be reported upwards by %(at)s: %(time)s left.") % words


class IssuePage(TaskPage):
    """A page about one issue."""

    tab = "issues"

    def load(self):
        self.issue = get_issue(self.request.user, self.kwargs["pk"])
        self.task = self.issue.task

    def get_context_data(self, **kwargs):
        return super().get_context_data(issue=self.issue, now=timezone.now(), **kwargs)


class IssueDetail(IssuePage, TemplateView):
    template_name = "issues/issue_detail.html"

    def get_context_data(self, **kwargs):
        issue, user = self.issue, self.request.user
        escalations = told.who_was_told(issue)
        return super().get_context_data(
            steps=loop.steps(issue, timezone.now(), escalations),
            escalations=escalations,
            mine=next((e for e in escalations if e.person_id == user.pk and e.is_open), None),
            unanswered=not any(e.acknowledged_at for e in escalations),
            next_superior=escalation.next_superior(issue, escalations)
            if issue.pass_up_at
            else None,
            may=permissions.possible(user, issue),
            attempts=issue.attempts.select_related("by"),
            rounds=issue.solutions.all(),
            events=Event.objects.about(issue)[:HISTORY],
            is_late=not issue.is_closed and issue.next_date < timezone.localdate(),
            **kwargs,
        )


class IssueAct(IssuePage, ActPage):
    """One act on an issue: `action` is its word in the permission table."""

    template_name = "issues/issue_act.html"
    action = ""
    heading = ""
    submit_label = gettext_lazy("Save")

    def load(self):
        super().load()
        permissions.ISSUE.require(self.request.user, self.action, self.issue)

    def get(self, request, *args, **kwargs):
        if not permissions.has_place(self.issue, self.action):
            messages.warning(request, StageChanged.message)
            return redirect(self.issue)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            heading=self.heading, submit_label=self.submit_label, **kwargs
        )

    def facts(self, now) -> dict:
        """What every service of the loop takes."""
        return {"issue": self.issue, "by": self.request.user, "now": now}


class WithPeople:
    """A form that names people of the task."""

    def get_form_kwargs(self):
        people = forms.people_of(self.task)
        return super().get_form_kwargs() | {"task": self.task, "people": people}


class IssueEdit(WithPeople, IssueAct):
    form_class = forms.EditForm
    action = "edit"
    heading = gettext_lazy("Change the issue")

    def get_initial(self):
        issue = self.issue
        seat = issue.owner.memberships.filter(department=issue.department).first()
        return {
            "version": issue.version,
            "description": issue.description,
            "cause": issue.cause,
            "owner": seat.pk if seat else None,
            "subtask": issue.subtask_id,
        }

    def act(self, form, now):
        issue = recording.edit_issue(**self.facts(now), **form.values)
        messages.success(self.request, _("Changed."))
        return issue


class AttemptAdd(IssueAct):
    form_class = forms.AttemptForm
    action = "attempt"
    heading = gettext_lazy("What else was tried?")

    def act(self, form, now):
        recording.add_attempt(**self.facts(now), **form.cleaned_data)
        return self.issue


class IssueGrade(IssueAct):
    template_name = "issues/issue_grade.html"
    form_class = forms.GradeForm
    action = "grade"
    heading = gettext_lazy("Grade again")

    def get_initial(self):
        questions = {name: getattr(self.issue, name) for name in forms.GradeForm.QUESTIONS}
        return questions | {"version": self.issue.version}

    def act(self, form, now):
        issue = recording.grade_issue(**self.facts(now), **form.cleaned_data)
        if issue.must_report:
            messages.warning(self.request, _report_words(issue, now))
        else:
            messages.success(self.request, _("Graded."))
        return issue


class IssueReport(IssueAct):
    template_name = "issues/issue_report.html"
    form_class = PlainForm
    action = "report"
    heading = gettext_lazy("Report upwards")
    submit_label = gettext_lazy("Report now")

    def get_context_data(self, **kwargs):
        return super().get_context_data(goes_to=reporting.report_goes_to(self.task), **kwargs)

    def act(self, form, now):
        issue = reporting.report_issue(**self.facts(now))
        messages.success(self.request, _("Reported to the head and the senior manager."))
        return issue


class EscalationAcknowledge(IssuePage, ActPage):
    """The one button of whoever was told, where the mail leads."""

    template_name = "issues/escalation_acknowledge.html"
    form_class = forms.AcknowledgeForm
    extra_context = {
        "heading": gettext_lazy("Acknowledge the reported issue"),
        "submit_label": gettext_lazy("Acknowledge: I have seen it"),
    }

    def load(self):
        told_ones = Escalation.objects.select_related("person", "department")
        self.escalation = get_object_or_404(told_ones, pk=self.kwargs["pk"])
        self.issue = self.escalation.issue = get_issue(self.request.user, self.escalation.issue_id)
        self.task = self.issue.task
        permissions.ESCALATION.require(self.request.user, "acknowledge", self.escalation)

    def get(self, request, *args, **kwargs):
        if not self.escalation.is_open:
            messages.info(request, self.over())
            return redirect(self.issue)
        return super().get(request, *args, **kwargs)

    def over(self):
        """Why there is nothing left to acknowledge."""
        if self.escalation.acknowledged_at:
            return escalation.AlreadyAcknowledged.message
        return _("It is settled: nothing is left to be acknowledged.")

    def get_context_data(self, **kwargs):
        return super().get_context_data(escalation=self.escalation, **kwargs)

    def act(self, form, now):
        try:
            escalation.acknowledge_escalation(
                escalation=self.escalation, by=self.request.user, now=now, **form.cleaned_data
            )
        except escalation.AlreadyAcknowledged as known:
            messages.info(self.request, known.message)
        else:
            messages.success(self.request, _("Thank you. Those who work on it are told."))
        return self.issue


class SolutionRecord(WithPeople, IssueAct):
    template_name = "issues/solution_record.html"
    form_class = forms.SolutionForm
    action = "solve"
    heading = gettext_lazy("Record the solution")

    def act(self, form, now):
        solving.record_solution(**self.facts(now), **form.values)
        messages.success(self.request, _("Recorded. Everybody named in it is told."))
        return self.issue


class SolutionAnswer(IssueAct):
    template_name = "issues/solution_answer.html"
    form_class = forms.AnswerForm
    action = "answer"
    heading = gettext_lazy("Answer: is it solved?")
    submit_label = gettext_lazy("Answer")

    def get_initial(self):
        return {"version": self.issue.version}

    def get_context_data(self, **kwargs):
        return super().get_context_data(solution=self.issue.last_solution, **kwargs)

    def act(self, form, now):
        solving.answer_solution(**self.facts(now), **form.cleaned_data)
        messages.success(self.request, _("Thank you. The initiating department is told."))
        return self.issue


class IssueReturn(IssueAct):
    form_class = forms.ReturnForm
    action = "return"
    heading = gettext_lazy("The check failed: back into the loop")
    submit_label = gettext_lazy("Return")

    def act(self, form, now):
        issue = solving.return_issue(**self.facts(now), **form.cleaned_data)
        messages.success(self.request, _("Returned. The people concerned are told."))
        return issue


@require_POST
def issue_close(request, pk):
    issue = get_issue(request.user, pk)
    solving.close_issue(issue=issue, by=request.user, now=timezone.now())
    messages.success(request, _("Checked and closed."))
    return redirect(issue)
