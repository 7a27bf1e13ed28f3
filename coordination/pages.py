"""The shape of a page that does something: one form, one service."""

from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.views.generic import FormView

from coordination.errors import DomainError, EditedMeanwhile

PAGE_SIZE = 50


class ActPage(FormView):
    """Shows a form and, when its shape is right, calls one service with it.

    Subclasses say `act(form, now)`; it returns where to go next (a row or an address). A refusal
    goes beside its field with everything typed kept; a stale edit shows who changed what.
    """

    def form_valid(self, form):
        try:
            with transaction.atomic():
                destination = self.act(form, timezone.now())
        except EditedMeanwhile as error:
            return self.show_conflict(form, error)
        except DomainError as error:
            if error.status == 403:
                raise
            form.refuse(error)
            return self.form_invalid(form)
        return HttpResponseRedirect(resolve_url(destination))

    def form_invalid(self, form, status=422, **context):
        context = {"refused": True} | context
        return self.render_to_response(self.get_context_data(form=form, **context), status=status)

    def show_conflict(self, form, error):
        form.rebase(error.current_version)
        return self.form_invalid(form, status=error.status, conflict=error, refused=False)


def page_of(queryset, request, size=PAGE_SIZE, name="before"):
    """One page of rows, newest first, without counting the rest: `(rows, next_before)`.

    `?before=ID` goes on below that row, so the millionth row costs what the first costs.
    `next_before` is None on the last page. `name`: of the parameter, for a second list on a page.
    """
    before = before_in(request, name)
    if before is not None:
        queryset = queryset.filter(pk__lt=before)
    rows = list(queryset.order_by("-pk")[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return rows, rows[-1].pk if more else None


def before_in(request, name="before") -> int | None:
    """The row that a page goes on below; nonsense in the address is the first page."""
    before = request.GET.get(name, "")
    return int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
