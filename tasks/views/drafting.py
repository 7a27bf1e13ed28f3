"""Stage 1: writing, autosaving, submitting, revising and cancelling a task."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from coordination.errors import DomainError, EditedMeanwhile
from coordination.pages import ActPage
from tasks import permissions
from tasks.choices import Stage
from tasks.forms.reasons import ReasonForm
from tasks.forms.requirement import Requirement, RequirementForm, RevisionForm, StartForm
from tasks.pages import TaskPage, get_task
from tasks.services import drafting, initiation
from tasks.views.tasks import departments_one_may_initiate_for
from tasks.wording import find_vague
from tasks.workflow import REQUIREMENT_OPEN, TRANSITIONS


class TaskCreate(ActPage):
    """Whose task, and its name: then the draft exists and saves itself."""

    template_name = "tasks/task_create.html"
    form_class = StartForm

    def get_form_kwargs(self):
        departments = departments_one_may_initiate_for(self.request.user)
        return super().get_form_kwargs() | {"departments": departments}

    def get_context_data(self, **kwargs):
        may = self.get_form_kwargs()["departments"].exists()
        return super().get_context_data(nav="tasks", may_create=may, **kwargs)

    def act(self, form, now):
        task = drafting.create_draft(by=self.request.user, now=now, **form.cleaned_data)
        return reverse("tasks:task_edit", args=[task.pk])


class RequirementPage(TaskPage, TemplateView):
    """The big form of stage 1, for a draft or for a revision."""

    form_class = RequirementForm
    action = ""

    def load(self):
        super().load()
        permissions.TASK.require(self.request.user, self.action, self.task)

    def get(self, request, *args, **kwargs):
        return self.show(Requirement(self.task, form_class=self.form_class))

    def post(self, request, *args, **kwargs):
        requirement = Requirement(self.task, form_class=self.form_class, data=request.POST)
        if not requirement.is_valid():
            return self.show(requirement, status=422, refused=True)
        try:
            with transaction.atomic():
                return HttpResponseRedirect(self.act(requirement, timezone.now()))
        except EditedMeanwhile as error:
            requirement.form.rebase(error.current_version)
            return self.show(requirement, status=error.status, conflict=error)
        except DomainError as error:
            requirement.form.refuse(error)
            return self.show(requirement, status=422, refused=True)

    def show(self, requirement, status=200, **context):
        context |= {"requirement": requirement, "form": requirement.form}
        return self.render_to_response(self.get_context_data(**context), status=status)


class TaskEdit(RequirementPage):
    """A draft; saved while typing, submitted from here."""

    template_name = "tasks/task_edit.html"
    action = "edit"

    def get(self, request, *args, **kwargs):
        if self.task.stage != Stage.DRAFT:
            return redirect(self.task)
        return super().get(request, *args, **kwargs)

    def act(self, requirement, now):
        user = self.request.user
        drafting.save_draft(task=self.task, by=user, now=now, **requirement.values())
        if "submit" in self.request.POST:
            return reverse("tasks:task_submit", args=[self.task.pk])
        messages.success(self.request, _("The draft is saved."))
        return reverse("tasks:task_edit", args=[self.task.pk])


class TaskRevise(RequirementPage):
    """A submitted requirement, changed visibly (R12)."""

    template_name = "tasks/task_revise.html"
    action = "revise"
    stages = REQUIREMENT_OPEN
    form_class = RevisionForm

    def act(self, requirement, now):
        drafting.revise_task(
            task=self.task,
            by=self.request.user,
            now=now,
            reason=requirement.form.cleaned_data["reason"],
            **requirement.values(),
        )
        messages.success(self.request, _("Recorded. The people concerned are told."))
        return self.task.get_absolute_url()


@require_POST
def task_autosave(request, task_pk):
    """Saves the draft as it stands; answers with the new version and the ids of new rows.

    422 names the fields that could not be read, 409 says that somebody else saved meanwhile.
    """
    task = get_task(request.user, task_pk)
    requirement = Requirement(task, data=request.POST)
    if not requirement.is_valid():
        return JsonResponse({"errors": requirement.errors()}, status=422)
    now = timezone.now()
    try:
        saved = drafting.save_draft(task=task, by=request.user, now=now, **requirement.values())
    except DomainError as error:
        return JsonResponse({"error": str(error.message)}, status=error.status)
    saved_at = date_format(timezone.localtime(now), "TIME_FORMAT")
    rows = _row_ids(saved, requirement)
    return JsonResponse({"version": saved.version, "saved_at": saved_at, "rows": rows})


def _row_ids(task, requirement) -> dict[str, int]:
    """{name of a row's id input: id} in the order in which the rows were sent."""
    ids = {}
    for name, formset in requirement.rows.items():
        stored = list(getattr(task, name).values_list("pk", flat=True))
        sent = [f for f in formset.ordered_forms if formset.says_something(f)]
        ids |= {form.add_prefix("id"): pk for form, pk in zip(sent, stored, strict=True)}
    return ids


class TaskSubmit(TaskPage, TemplateView):
    """What will be submitted, what is missing, what is vague: then one button (R5, R6)."""

    template_name = "tasks/task_submit.html"

    def load(self):
        super().load()
        permissions.TASK.require(self.request.user, "submit", self.task)

    def get(self, request, *args, **kwargs):
        if self.task.stage != Stage.DRAFT:
            return redirect(self.task)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        problems = initiation.problems_before_submission(self.task)
        texts = {"goal": self.task.goal, "expected_result": self.task.expected_result}
        vague = {name: marked(text) for name, text in texts.items() if find_vague(text)}
        return super().get_context_data(problems=problems, vague=vague, **kwargs)

    def post(self, request, *args, **kwargs):
        try:
            task = initiation.submit_task(task=self.task, by=request.user, now=timezone.now())
        except initiation.Incomplete:
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(
            request,
            _("Submitted as %(number)s. The departments are asked for their answers.")
            % {"number": task.number},
        )
        return redirect(task)


@require_POST
def task_discard(request, task_pk):
    task = get_task(request.user, task_pk)
    initiation.discard_draft(task=task, by=request.user, now=timezone.now())
    messages.success(request, _("The draft is put away."))
    return redirect("tasks:task_list")


class TaskCancel(TaskPage, ActPage):
    template_name = "tasks/reason.html"
    form_class = ReasonForm
    stages = TRANSITIONS["cancel"][0]
    extra_context = {"heading": gettext_lazy("Cancel the task")}

    def load(self):
        super().load()
        permissions.TASK.require(self.request.user, "cancel", self.task)

    def act(self, form, now):
        initiation.cancel_task(task=self.task, by=self.request.user, now=now, **form.cleaned_data)
        messages.success(self.request, _("The task is cancelled. Its record stays."))
        return self.task


@require_POST
def wording(request):
    """The vague words of a text, marked where they stand (while typing, by htmx)."""
    text = next((request.POST[n] for n in ("goal", "expected_result") if n in request.POST), "")
    return render(request, "tasks/_vague.html", {"pieces": marked(text[:4000])})


def marked(text):
    """The text in pieces, (words, suggestion or None) each; empty when nothing is vague."""
    pieces, end = [], 0
    for vague in find_vague(text):
        pieces += [(text[end : vague.start], None), (vague.word, vague.suggestion)]
        end = vague.end
    return [*pieces, (text[end:], None)] if pieces else []
