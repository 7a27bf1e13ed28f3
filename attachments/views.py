"""The files of a task: their list, attaching, taking one, withdrawing one."""

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import TemplateView

from attachments import permissions, subjects
from attachments.forms import AttachForm
from attachments.kinds import HEAD, charset_of
from attachments.models import Attachment
from attachments.services import attach_file, withdraw_file
from attachments.shown import files_of, may_attach, shown
from attachments.storage import open_file, stored
from audit.once import is_first, keeps_refusals
from coordination.errors import DomainError, came_from
from coordination.pages import ActPage, page_of
from tasks.models import Task
from tasks.pages import TaskPage, get_task
from tasks.permissions import task_of
from tasks.workflow import CHANGEABLE

# Wherever a file might be shown in spite of everything: nothing runs, it stands alone.
POLICY = (
    "sandbox; default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def get_attachment(user, pk) -> Attachment:
    """A file of a task that this person may see; Http404 otherwise."""
    attachment = get_object_or_404(Attachment.objects.visible_to(user), pk=pk)
    attachment.task = get_task(user, attachment.task_id)
    return attachment


class FileList(TaskPage, TemplateView):
    """Every file of a task and of its parts, newest first."""

    template_name = "attachments/file_list.html"
    tab = "files"

    def get_context_data(self, **kwargs):
        rows, before = page_of(self.task.attachments.with_people(), self.request)
        return super().get_context_data(
            files=shown(rows, self.request.user, self.task),
            before=before,
            may_attach=may_attach(self.request.user, self.task),
            part=self.task,
            **kwargs,
        )


class AlreadySent(Exception):
    """The same form once more: the first sending has had its effect."""


@method_decorator(keeps_refusals, name="dispatch")
class Attach(TaskPage, ActPage):
    """Takes files for a task or a part of it.

    The bytes are looked at and stored outside any transaction; the key of the form is remembered
    in the one that adds the rows.
    """

    template_name = "attachments/attach.html"
    form_class = AttachForm
    stages = CHANGEABLE

    def load(self):
        self.subject, self.part = subjects.load(self.request.user, self.kwargs["key"])
        self.task, self.tab = task_of(self.part), self.subject.tab
        permissions.TASK.require(self.request.user, "attach", self.task)

    def form_valid(self, form):
        try:
            with stored(form.cleaned_data["files"]) as files, transaction.atomic():
                self.attach(files)
        except AlreadySent:
            return HttpResponseRedirect(self.back())
        except DomainError as error:
            form.refuse(error)
            return self.form_invalid(form, status=error.status)
        self.say_done(len(files))
        if form.refused:
            form.add_error("files", form.refused)
            return self.form_invalid(form)
        return HttpResponseRedirect(self.back())

    def attach(self, files):
        if not is_first(self.request):
            raise AlreadySent
        for file in files:
            attach_file(part=self.part, file=file, by=self.request.user, now=timezone.now())

    def say_done(self, number):
        words = ngettext("%(number)s file is attached.", "%(number)s files are attached.", number)
        messages.success(self.request, words % {"number": number})

    def back(self):
        return files_page(self.part)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            part=self.part,
            subject=self.subject,
            back=self.back(),
            files=files_of(self.part, self.request.user),
            may_attach=True,
            **kwargs,
        )


def files_page(part) -> str:
    """Where the files of a part stand: on its page; those of a task on a page of their own."""
    if isinstance(part, Task):
        return reverse("attachments:file_list", args=[part.pk])
    return f"{part.get_absolute_url()}#files"


@require_GET
def file_download(request, pk):
    """The bytes, for who sees the task: to be saved, never shown or run."""
    attachment = get_attachment(request.user, pk)
    if attachment.withdrawn_at:
        messages.warning(request, _("This file has been withdrawn."))
        return redirect("attachments:file_list", attachment.task_id)
    file = open_file(attachment)
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=attachment.name,
        content_type=_type_of(attachment, file),
    )
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _type_of(attachment, file) -> str:
    """The content type, of a text with its characters."""
    if not attachment.served_as.startswith("text/"):
        return attachment.served_as
    charset = charset_of(file.read(HEAD))
    file.seek(0)
    return f"{attachment.served_as}; charset={charset}"


@require_POST
def file_withdraw(request, pk):
    attachment = get_attachment(request.user, pk)
    withdraw_file(attachment=attachment, by=request.user, now=timezone.now())
    messages.success(request, _("The file is withdrawn."))
    return HttpResponseRedirect(came_from(request))
