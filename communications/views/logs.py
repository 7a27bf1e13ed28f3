"""The log: completing it, correcting it, and the note on running text."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from communications.forms import CorrectionForm, LogForm
from communications.models import CommunicationState
from communications.pages import CommunicationPage
from communications.people import Directory
from communications.policies import is_running_text
from communications.services import logs
from coordination.pages import ActPage
from tasks.workflow import SHARED

FIELDS = ("topic", "method", "place", "starts_at", "ends_at", "conclusions", "version")


class LogPage(CommunicationPage, ActPage):
    """The log's form, before and after it is completed; elsewhere the protocol is shown.

    Subclasses say `is_open()`: whether the form has its place now.
    """

    template_name = "communications/log_form.html"
    stages = SHARED

    def get(self, request, *args, **kwargs):
        return (
            super().get(request, *args, **kwargs)
            if self.is_open()
            else redirect(self.communication)
        )

    def get_form_kwargs(self):
        people = self.communication.participants.values("department_name", "name")
        return super().get_form_kwargs() | {
            "people": Directory(self.task),
            "initial_rows": {"participants": list(people)},
        }

    def get_initial(self):
        return {name: getattr(self.communication, name) for name in FIELDS}

    def get_context_data(self, **kwargs):
        text = self.request.POST.get("conclusions", self.communication.conclusions)
        return super().get_context_data(
            now=timezone.now(),
            items=self.communication.action_items.with_owners(),
            running_text=_is_pointed_out(text, self.request.POST),
            **kwargs,
        )


class LogComplete(LogPage):
    form_class = LogForm
    action = "complete"
    extra_context = {
        "heading": gettext_lazy("Complete the log"),
        "submit_label": gettext_lazy("Complete the log"),
    }

    def is_open(self):
        return self.communication.may_be_logged(timezone.now())

    def act(self, form, now):
        logs.complete_log(
            communication=self.communication, by=self.request.user, now=now, **form.values
        )
        messages.success(self.request, _("The log is complete. The participants are told."))
        return self.communication


class LogCorrect(LogPage):
    form_class = CorrectionForm
    action = "correct"
    extra_context = {
        "heading": gettext_lazy("Correct the log"),
        "submit_label": gettext_lazy("Record the correction"),
    }

    def is_open(self):
        return self.communication.state == CommunicationState.LOGGED

    def act(self, form, now):
        logs.correct_log(
            communication=self.communication, by=self.request.user, now=now, **form.values
        )
        messages.success(self.request, _("Corrected, with the old words in the history."))
        return self.communication


@require_POST
def conclusions_note(request):
    """Whether what is being typed names no result (while typing, by htmx) (R14)."""
    text = request.POST.get("conclusions", "")[:4000]
    if not _is_pointed_out(text, request.POST):
        return HttpResponse()
    return render(request, "communications/_running_text.html")


def _is_pointed_out(text, posted) -> bool:
    """Running text with something in it, and no action item typed beside it."""
    items = sum(
        1
        for name, value in posted.items()
        if name.startswith("action_items-") and name.endswith("-what") and value.strip()
    )
    return bool(text.strip()) and is_running_text(text, items)
