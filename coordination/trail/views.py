"""The history of everything, searched and exported by those who keep the records."""

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.permissions import HISTORY
from audit import history
from audit.models import Seal
from audit.once import keeps_refusals
from audit.seals import seal_new
from coordination.errors import DomainError
from coordination.pages import moment, page_along, whole_number
from coordination.trail import export
from coordination.trail.places import entries_of
from coordination.trail.search import EXPORTED, Search, seen_by

NEWEST_FIRST = {"at": moment, "pk": whole_number}


class NothingSealed(DomainError):
    code = "nothing_sealed"
    message = _("The history has no seal yet. Try again in a minute.")


class HistoryPage(TemplateView):
    template_name = "trail/search.html"

    def get(self, request, *args, **kwargs):
        HISTORY.require(request.user, "search", None)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        user = self.request.user
        search = Search(self.request.GET, seen_by(user), request=self.request)
        events, after = page_along(search.qs, self.request, NEWEST_FIRST, downwards=True)
        return super().get_context_data(
            nav="history",
            filter=search,
            entries=entries_of(events),
            after=after,
            seal=Seal.objects.defer("digests").first(),
            sees_tasks=HISTORY.allows(user, "search_tasks", None),
            at_most=number_format(export.AT_MOST, force_grouping=True),
            **kwargs,
        )


@require_POST
@keeps_refusals
def history_export(request):
    """Each press is a file and an entry of its own in the history, which says what was taken."""
    HISTORY.require(request.user, "export", None)
    now = timezone.now()
    suffix = "csv" if request.POST.get("format") == "csv" else "xlsx"
    search = Search(request.GET, seen_by(request.user), request=request)
    events = list(search.qs[: export.AT_MOST + 1])
    seal, chosen = last_seal(now), search.in_words()
    title = export.headline(chosen, seal, request.user, now, len(events) > export.AT_MOST)
    events = events[: export.AT_MOST]
    body, media_type = export.FORMATS[suffix](title, events)
    record_export(seal, chosen, suffix, len(events), by=request.user, now=now)
    name = content_disposition_header(True, f"history-{timezone.localdate(now)}.{suffix}")
    return HttpResponse(body, content_type=media_type, headers={"Content-Disposition": name})


def last_seal(now) -> Seal:
    """With all that can be sealed by now under it. Raises NothingSealed."""
    seal_new(now)
    seal = Seal.objects.defer("digests").first()
    if seal is None:
        raise NothingSealed
    return seal


@transaction.atomic
def record_export(seal, chosen, suffix, number, *, by, now):
    changes = {
        "chosen": (None, [f"{label}: {value}" for label, value in chosen]),
        "format": (None, suffix),
        "rows": (None, number),
    }
    history.record(seal, EXPORTED, by=by, now=now, changes=changes)
