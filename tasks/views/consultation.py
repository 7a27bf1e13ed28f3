"""Stage 1: the collaborating heads answer, name a contact; the initiator goes on."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from coordination.pages import ActPage
from tasks import permissions
from tasks.choices import Stage
from tasks.forms.consultation import AnswerForm, ContactForm
from tasks.models import Collaboration
from tasks.pages import TaskPage, get_task
from tasks.services import initiation
from tasks.workflow import SHARED


def get_collaboration(user, pk) -> Collaboration:
    """A collaborating department of a task that this person may see; Http404 otherwise."""
    found = Collaboration.objects.select_related("department__head", "contact", "task")
    collaboration = get_object_or_404(found, pk=pk)
    collaboration.task = get_task(user, collaboration.task_id)
    return collaboration


class CollaborationPage(TaskPage, ActPage):
    tab = "overview"
    action = ""

    def load(self):
        self.collaboration = get_collaboration(self.request.user, self.kwargs["pk"])
        self.task = self.collaboration.task
        seat = permissions.Seat(
            self.task, self.collaboration.department_id, self.collaboration.contact_id
        )
        permissions.SEAT.require(self.request.user, self.action, seat)

    def get_context_data(self, **kwargs):
        return super().get_context_data(collaboration=self.collaboration, **kwargs)


class Answer(CollaborationPage):
    template_name = "tasks/consult_answer.html"
    form_class = AnswerForm
    action = "answer"
    stages = (Stage.CONSULTATION,)

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs() | {"collaboration": self.collaboration}
        del kwargs["initial"]
        return kwargs

    def act(self, form, now):
        initiation.answer_consultation(
            collaboration=self.collaboration, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("Thank you. The initiator has been told."))
        return self.task


class Contact(CollaborationPage):
    template_name = "tasks/name_contact.html"
    form_class = ContactForm
    action = "name_contact"
    stages = SHARED

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"department": self.collaboration.department}

    def get_initial(self):
        return {
            "contact": self.collaboration.contact_id,
            "version": self.collaboration.version,
        }

    def act(self, form, now):
        initiation.name_contact(
            collaboration=self.collaboration, by=self.request.user, now=now, **form.cleaned_data
        )
        return self.task


@require_POST
def ask_again(request, pk):
    collaboration = get_collaboration(request.user, pk)
    initiation.ask_again(collaboration=collaboration, by=request.user, now=timezone.now())
    messages.success(request, _("The department is asked again."))
    return redirect(collaboration.task)


@require_POST
def open_assignment(request, task_pk):
    task = get_task(request.user, task_pk)
    initiation.open_assignment(task=task, by=request.user, now=timezone.now())
    messages.success(request, _("The departments may now take on work items."))
    return redirect("tasks:assignment", task.pk)
