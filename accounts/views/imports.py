"""The import: upload, preview, then store or put aside."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts import forms, importing, permissions
from accounts.models import PendingImport
from accounts.tables import UploadRefused
from accounts.template_file import import_template as template_file
from accounts.views.organisation import OrganisationPage
from audit.once import keeps_refusals
from coordination.pages import ActPage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportPage(OrganisationPage):
    tab = "import"

    def load(self):
        permissions.ORGANISATION.require(self.request.user, "import", None)
        self.pending = PendingImport.objects.filter(person=self.request.user).first()

    def get_context_data(self, **kwargs):
        return super().get_context_data(pending=self.pending, **kwargs)


@method_decorator(keeps_refusals, name="dispatch")
class ImportUpload(ImportPage, ActPage):
    """Outside any transaction, so that nobody's writing waits while a file is read.

    Sent twice, the second takes the place of the first: one preview.
    """

    template_name = "accounts/import_upload.html"
    form_class = forms.UploadForm

    def form_valid(self, form):
        file = form.cleaned_data["file"]
        try:
            importing.upload(
                by=self.request.user, now=timezone.now(), file_name=file.name, data=file.read()
            )
        except UploadRefused as error:
            form.refuse(error)
            return self.form_invalid(form)
        return redirect("accounts:import_preview")


class ImportPreview(ImportPage, TemplateView):
    """What storing the file would do, one kind of outcome at a time, a hundred rows a page."""

    template_name = "accounts/import_preview.html"
    page_size = 100

    def get(self, request, *args, **kwargs):
        if self.pending is None:
            return redirect("accounts:import_upload")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        by_outcome = {name: [] for name in importing.OUTCOMES}
        for row in self.pending.rows:
            by_outcome[row["outcome"]].append(row)
        first = next(name for name, rows in by_outcome.items() if rows)
        show = self.request.GET.get("show", "")
        rows = by_outcome.get(show, by_outcome[first])
        start = _small_number(self.request.GET.get("from", ""))
        return super().get_context_data(
            counts={name: len(found) for name, found in by_outcome.items()},
            show=show if show in by_outcome else first,
            rows=rows[start : start + self.page_size],
            next_from=start + self.page_size if len(rows) > start + self.page_size else None,
            **kwargs,
        )


def _small_number(text) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


@require_POST
def import_store(request):
    if importing.store(by=request.user, now=timezone.now()):
        messages.success(
            request, _("The file is stored. New people sign in once you have given a password.")
        )
        return redirect(reverse("accounts:person_list") + "?state=no_password")
    messages.warning(
        request, _("Something has changed since the preview: look again. Nothing has been stored.")
    )
    return redirect("accounts:import_preview")


@require_POST
def import_discard(request):
    importing.discard(by=request.user)
    messages.success(request, _("The file is put aside; nothing has been stored."))
    return redirect("accounts:import_upload")


def import_template(request):
    permissions.ORGANISATION.require(request.user, "import", None)
    response = HttpResponse(template_file(get_language()), content_type=XLSX)
    response.headers["Content-Disposition"] = 'attachment; filename="people-and-departments.xlsx"'
    return response
