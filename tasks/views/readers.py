"""Who sees a task; who decides it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coordination.pages import ActPage
from tasks import permissions
from tasks.forms.readers import ReaderForm
from tasks.models import TaskMember
from tasks.pages import TaskPage, get_task
from tasks.readers import people_outside, readers_by_name, readers_by_place
from tasks.services import confidentiality
from tasks.workflow import CHANGEABLE


class WhoSees(TaskPage, ActPage):
    """Everybody who sees the task and why; whoever decides it lets in one person more."""

    template_name = "tasks/who_sees.html"
    form_class = ReaderForm
    tab = "overview"

    def post(self, request, *args, **kwargs):
        permissions.TASK.require(request.user, "decide_who_sees", self.task)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        task = self.task
        return super().get_context_data(
            by_name=readers_by_name(task),
            by_place=[] if task.is_confidential or task.is_draft else readers_by_place(task),
            may_decide=permissions.TASK.allows(self.request.user, "decide_who_sees", task),
            offered=people_outside(task),
            is_changeable=task.stage in CHANGEABLE,
            **kwargs,
        )

    def act(self, form, now):
        person = form.cleaned_data["person"]
        confidentiality.let_see(task=self.task, person=person, by=self.request.user, now=now)
        messages.success(self.request, _("%(person)s now sees the task.") % {"person": person})
        return reverse("tasks:who_sees", args=[self.task.pk])


@require_POST
def make_confidential(request, task_pk):
    task = get_task(request.user, task_pk)
    confidentiality.make_confidential(task=task, by=request.user, now=timezone.now())
    messages.success(request, _("The task is confidential. Only the people named here see it."))
    return redirect("tasks:who_sees", task_pk)


@require_POST
def make_open(request, task_pk):
    task = get_task(request.user, task_pk)
    confidentiality.make_open(task=task, by=request.user, now=timezone.now())
    messages.success(request, _("The task is open to its departments."))
    return redirect("tasks:who_sees", task_pk)


@require_POST
def stop_seeing(request, pk):
    member = get_object_or_404(TaskMember.objects.select_related("task", "user"), pk=pk)
    task = get_task(request.user, member.task_id)
    if member.named_by_id is None:
        raise Http404
    confidentiality.stop_seeing(member=member, by=request.user, now=timezone.now())
    gone = {"person": member.user}
    messages.success(request, _("%(person)s no longer sees the task.") % gone)
    return redirect("tasks:who_sees", task.pk)
