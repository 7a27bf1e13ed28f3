"""The shape of a page that does something: one form, one service; and of a page of a long list."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
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

    # Django would take a PUT as a POST, past the key that gives a form one effect.
    http_method_names = ["get", "post", "head", "options"]

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
    try:
        return whole_number(request.GET.get(name, ""))
    except ValueError:
        return None


def page_along(
    queryset, request, keys: dict[str, Callable], size=PAGE_SIZE, name="after", *, downwards=False
):
    """One page of rows in ascending order of some fields, the rest uncounted: `(rows, next)`.

    `keys`: each field with what reads its text again, the last of them unique and none ever null:
    `{"due_at": datetime.fromisoformat, "pk": int}`. `?after=…` goes on behind that row; `next` is
    None on the last page. `downwards` is the descending order of all of them.
    """
    last = _key_in(request, keys, name)
    if last:
        queryset = queryset.filter(_behind(last, "lt" if downwards else "gt"))
    if last and downwards:
        # Follows from the rest; with it an index is entered where the page begins.
        first, value = next(iter(last.items()))
        queryset = queryset.filter(**{f"{first}__lte": value})
    order = [f"-{field}" for field in keys] if downwards else keys
    rows = list(queryset.order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return rows, "~".join(str(getattr(rows[-1], field)) for field in keys) if more else None


def _key_in(request, keys, name) -> dict | None:
    """The row that a page goes on behind; nonsense in the address is the first page."""
    texts = request.GET.get(name, "").split("~")
    try:
        return {field: read(t) for (field, read), t in zip(keys.items(), texts, strict=True)}
    except ValueError:
        return None


def _behind(last: dict, beyond: str) -> Q:
    """What comes behind a row: larger ("gt") or smaller ("lt") in the first field in which it
    differs.
    """
    found, same = Q(), Q()
    for field, value in last.items():
        found |= same & Q(**{f"{field}__{beyond}": value})
        same &= Q(**{field: value})
    return found


def whole_number(text: str) -> int:
    """A number as an id or a rank may be; ValueError for anything a database cannot hold."""
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError(text[:20])
    return int(text)


def moment(text: str) -> dt.datetime:
    """A moment with its offset; ValueError for anything else."""
    read = dt.datetime.fromisoformat(text)
    if read.tzinfo is None or not 1900 < read.year < 2200:
        raise ValueError(text[:40])
    return read
