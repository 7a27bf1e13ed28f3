"""What a person can do wrong: one class per mistake, with a code, a message and an HTTP status.

Services raise; a page puts the message beside the field, a POST without a form shows it on the
page the person came from.
"""

import errno
import sys

from django.contrib import messages
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A rule of the form forbids this act. `field` names the input at fault, when there is one."""

    code = "refused"
    message = _("This is not possible.")
    status = 422

    def __init__(self, message=None, *, field=None):
        super().__init__(message or self.message)
        self.message = message or self.message
        self.field = field

    def __str__(self):
        return str(self.message)


class NotAllowed(DomainError):
    code = "not_allowed"
    message = _("You may see this, but this step is somebody else's.")
    status = 403


class StageChanged(DomainError):
    """Somebody else moved it first (compare-and-swap failed), or the step does not belong here."""

    code = "stage_changed"
    message = _("This has already moved on. The page now shows where it stands.")
    status = 409


class EditedMeanwhile(DomainError):
    """A stale edit: `events` are the history entries since the version the person had opened."""

    code = "edited_meanwhile"
    message = _("Somebody changed this while you were writing. Nothing you typed is lost.")
    status = 409

    def __init__(self, *, events=(), current_version=None):
        super().__init__()
        self.events = list(events)
        self.current_version = current_version


class DomainErrorMiddleware:
    """Answers a DomainError that no form caught."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, error):
        return answer(request, error) if isinstance(error, DomainError) else None


def answer(request, error: DomainError):
    """A 403 page for what is somebody else's; else the message on the page one came from."""
    if error.status == NotAllowed.status:
        return render(request, "403.html", {"exception": error}, status=error.status)
    messages.error(request, error.message)
    return HttpResponseRedirect(came_from(request))


def bad_request(request, exception):
    """The page of 400. Django's own looks for the CSRF token in the very form that it could not
    read, and fails once more.
    """
    return HttpResponseBadRequest(render_to_string("400.html"))


def server_error(request):
    """What nobody caught (handler500). A database that does not answer, is locked or whose disk is
    full is said as such; Django has logged the error before. Needs no database.
    """
    page, status = "500.html", 500
    if _is_outage(sys.exc_info()[1]):
        page, status = "503.html", 503
    return HttpResponse(render_to_string(page), status=status)


def _is_outage(error) -> bool:
    """An upload, too, may find the disk full, before any view is asked."""
    is_full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    return is_full or isinstance(error, OperationalError | InterfaceError)


def came_from(request) -> str:
    """The address on this site that the person came from, else the home page."""
    referer = request.headers.get("Referer", "")
    here = url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return referer if here else "/"
