"""One effect per form, however often it is sent (double click, reload, resend)."""

import uuid

from django.db import IntegrityError, transaction
from django.http import HttpResponse, HttpResponseRedirect

from audit.models import Submission
from coordination.errors import DomainError, answer

FIELD = "once"


class OnceMiddleware:
    """Runs a POST that carries a `once` key in one transaction with the row that remembers it.

    A second POST with the same key waits for the first, then is sent where the first one went.
    An answer that is not a success (422, 409 …) rolls everything back, the key included, so the
    corrected form may be sent under the same key.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        key = _key(request)
        if key is None or getattr(view, "keeps_refusals", False):
            return None
        try:
            with transaction.atomic():
                return _first_time(key, request, lambda: view(request, *args, **kwargs))
        except DomainError as error:
            # Django asks no exception middleware about what is raised here.
            return answer(request, error)
        except IntegrityError:
            return _again(key, request)


def keeps_refusals(view):
    """Marks a view that must not stand in one transaction from end to end.

    It remembers what it refused (wrong passwords are counted) or works long before it writes (an
    upload is read). Its POSTs run without the key's transaction: it sees to its own single effect.
    """
    view.keeps_refusals = True
    return view


def is_first(request) -> bool:
    """Whether a view that keeps its refusals is asked for the first time; remembers the key."""
    key = _key(request)
    if key is None:
        return True
    try:
        with transaction.atomic():
            Submission.objects.create(key=key, person=request.user, path=request.path[:500])
    except IntegrityError:
        return False
    return True


def _key(request):
    if request.method != "POST" or not request.user.is_authenticated:
        return None
    try:
        return uuid.UUID(request.POST.get(FIELD, ""))
    except ValueError:
        return None


def _first_time(key, request, act):
    submission = Submission.objects.create(key=key, person=request.user, path=request.path[:500])
    response = act()
    if response.status_code >= 400:
        transaction.set_rollback(True)
    else:
        submission.location = response.headers.get("Location", "")[:500]
        submission.save(update_fields=["location"])
    return response


def _again(key, request):
    """Where the first sending led; without one, the IntegrityError was the view's own: raised."""
    earlier = Submission.objects.filter(key=key, person=request.user, path=request.path[:500])
    location = earlier.values_list("location", flat=True).first()
    if location is None:
        raise
    return HttpResponseRedirect(location) if location else HttpResponse(status=204)
