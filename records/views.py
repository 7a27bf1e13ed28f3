"""The record of a task: as a page, as PDF, as a workbook. Whoever sees the task may take them."""

import json
import re
from dataclasses import replace

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.views.generic import TemplateView

from coordination.errors import DomainError
from records import pdf, workbook
from records.annex import read_annex, size_of
from records.build import build, with_everything
from records.layout import lay_out, lay_out_annex
from records.record import Annex, Escalation, Reminder, TaskRecord, from_plain
from tasks.models import Task
from tasks.pages import TaskPage

ANNEX_PAGE = 100
NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]+')


class RecordPage(TaskPage, TemplateView):
    """The form on the screen: as archived, else as it stands now."""

    template_name = "records/record_detail.html"
    tab = "record"
    problem = ""
    """Why a file could not be made."""

    with_annex = False
    """The page only says how long it is: a year of reminders is no page to read."""

    def load(self):
        self.task = get_recorded(self.request.user, self.kwargs["task_pk"])
        self.record = record_of(
            self.task,
            self.request.organisation,
            now=timezone.now(),
            with_annex=self.with_annex,
        )

    def get_context_data(self, **kwargs):
        form = lay_out(replace(self.record, annex=None), get_language())
        return super().get_context_data(
            form=form, annex_size=self.annex_size(), problem=self.problem, **kwargs
        )

    def annex_size(self) -> int:
        if self.record.annex:
            return self.record.annex.size
        return 0 if self.record.is_archived else size_of(self.task)


class AnnexPage(TaskPage, TemplateView):
    """Who was reminded of what and told upwards: as archived, else until now."""

    template_name = "records/annex.html"
    tab = "record"

    def load(self):
        self.task = get_recorded(self.request.user, self.kwargs["task_pk"])

    def get_context_data(self, **kwargs):
        annex, zone = self.annex()
        told = [*annex.reminders, *annex.escalations]
        page = Paginator(told, ANNEX_PAGE).get_page(self.request.GET.get("page"))
        shown = Annex(
            tuple(entry for entry in page if isinstance(entry, Reminder)),
            tuple(entry for entry in page if isinstance(entry, Escalation)),
        )
        parts = lay_out_annex(shown, zone, get_language())
        return super().get_context_data(parts=parts, page=page, **kwargs)

    def annex(self) -> tuple[Annex, str]:
        """The annex and the zone of its record."""
        if hasattr(self.task, "archive"):
            record = frozen(self.task.archive)
            return record.annex or Annex(), record.zone
        return read_annex(self.task), self.request.organisation.time_zone


class RecordFile(RecordPage):
    """A file of the record in the language asked for, else the reader's own; on an error the page.

    Subclasses say how to `render` it.
    """

    with_annex = True
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


def get_recorded(user, pk) -> Task:
    """A task that has a record and that this person may see; Http404 otherwise."""
    # A draft has no number, and no record yet.
    tasks = Task.objects.visible_to(user).exclude(number=None)
    return get_object_or_404(with_everything(tasks), pk=pk)


def record_of(task, organisation, *, now, with_annex=True) -> TaskRecord:
    """What was frozen when the task was archived; else the task as it stands now."""
    if hasattr(task, "archive"):
        return frozen(task.archive)
    return build(task, as_of=now, organisation=organisation, with_annex=with_annex)


def frozen(archive) -> TaskRecord:
    return from_plain(json.loads(archive.record))


def file_name(record: TaskRecord, suffix: str) -> str:
    """Number and title, without what file systems refuse or cannot hold."""
    name = NOT_IN_FILE_NAMES.sub("_", f"{record.basics.number} {record.basics.title}")
    return name[:60].strip(". ") + suffix
