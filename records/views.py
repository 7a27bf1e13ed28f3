"""The record of a task: as a page, as PDF, as a workbook. Whoever sees the task may take them."""

import json
import re

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.generic import TemplateView

from coordination.errors import DomainError
from records import pdf, workbook
from records.build import build, with_everything
from records.layout import lay_out
from records.record import TaskRecord, from_plain
from tasks.models import Task
from tasks.pages import TaskPage

NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]+')


class RecordPage(TaskPage, TemplateView):
    """The form on the screen: as archived, else as it stands now."""

    template_name = "records/record_detail.html"
    tab = "record"
    problem = ""
    """Why a file could not be made."""

    def load(self):
        # A draft has no number, and no record yet.
        tasks = Task.objects.visible_to(self.request.user).exclude(number=None)
        self.task = get_object_or_404(with_everything(tasks), pk=self.kwargs["task_pk"])
        self.record = record_of(self.task, self.request.organisation, now=timezone.now())

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            form=lay_out(self.record, get_language()), problem=self.problem, **kwargs
        )


class RecordFile(RecordPage):
    """A file of the record in the language asked for, else the reader's own; on an error the page.

    Subclasses say how to `render` it.
    """

    render = None
    media_type = ""
    suffix = ""

    def get(self, request, *args, **kwargs):
        language = request.GET.get("language")
        if language not in dict(settings.LANGUAGES):
            language = get_language()
        try:
            body = self.render(self.record, language)
        except DomainError as error:
            self.problem = error.message
            return self.render_to_response(self.get_context_data(), status=error.status)
        name = file_name(self.record, self.suffix)
        return HttpResponse(
            body,
            content_type=self.media_type,
            headers={"Content-Disposition": content_disposition_header(True, name)},
        )


class RecordPdf(RecordFile):
    render = staticmethod(pdf.render)
    media_type = "application/pdf"
    suffix = ".pdf"


class RecordWorkbook(RecordFile):
    render = staticmethod(workbook.render)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    suffix = ".xlsx"


def record_of(task, organisation, *, now) -> TaskRecord:
    """What was frozen when the task was archived; else the task as it stands now."""
    archive = getattr(task, "archive", None)
    if archive:
        return from_plain(json.loads(archive.record))
    return build(task, as_of=now, organisation=organisation)


def file_name(record: TaskRecord, suffix: str) -> str:
    """Number and title, without what file systems refuse or cannot hold."""
    name = NOT_IN_FILE_NAMES.sub("_", f"{record.basics.number} {record.basics.title}")
    return name[:60].strip(". ") + suffix
