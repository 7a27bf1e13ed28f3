"""Stage 2: support asked from another department, and its answer (R9)."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Department
from coordination.pages import ActPage
from tasks import permissions
from tasks.forms.assignment import AnswerSupportForm, AskSupportForm
from tasks.models import SupportRequest
from tasks.pages import TaskPage
from tasks.services import support
from tasks.views.assignment import SubtaskPage, departments_of, get_subtask
from tasks.workflow import ASSIGNMENT_OPEN


class AskSupport(SubtaskPage, ActPage):
    template_name = "tasks/support_ask.html"
    form_class = AskSupportForm
    action = "ask_support"
    stages = ASSIGNMENT_OPEN

    def get_form_kwargs(self):
        involved = [d.pk for d in departments_of(self.task) if d.pk != self.subtask.department_id]
        return super().get_form_kwargs() | {
            "departments": Department.objects.filter(pk__in=involved)
        }

    def get_initial(self):
        return {"needed_by": self.subtask.due_date}

    def act(self, form, now):
        support.ask_support(
            subtask=self.subtask, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("The department is asked."))
        return self.subtask


def get_request(user, pk) -> SupportRequest:
    """A support request of a task that this person may see; Http404 otherwise."""
    request = get_object_or_404(SupportRequest.objects.select_related("department__head"), pk=pk)
    request.subtask = get_subtask(user, request.subtask_id)
    return request


class AnswerSupport(TaskPage, ActPage):
    template_name = "tasks/support_answer.html"
    form_class = AnswerSupportForm
    tab = "assignment"
    stages = ASSIGNMENT_OPEN

    def load(self):
        self.support = get_request(self.request.user, self.kwargs["pk"])
        self.task = self.support.subtask.task
        permissions.SUPPORT.require(self.request.user, "answer", self.support)

    def get_initial(self):
        return {"version": self.support.version}

    def get_context_data(self, **kwargs):
        return super().get_context_data(support=self.support, **kwargs)

    def act(self, form, now):
        support.answer_support(
            request=self.support, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("Thank you. The subtask's owner has been told."))
        return self.support.subtask


@require_POST
def support_deliver(request, pk):
    asked = get_request(request.user, pk)
    support.deliver_support(request=asked, by=request.user, now=timezone.now())
    messages.success(request, _("Noted as delivered."))
    return redirect(asked.subtask)


@require_POST
def support_withdraw(request, pk):
    asked = get_request(request.user, pk)
    support.withdraw_support(request=asked, by=request.user, now=timezone.now())
    messages.success(request, _("The request is withdrawn."))
    return redirect(asked.subtask)
