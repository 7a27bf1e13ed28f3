"""What files can belong to: a task and those of its parts that have a page of their own.

Each package registers its own in AppConfig.ready.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Model
from django.http import Http404

from coordination.pages import whole_number


@dataclass(frozen=True)
class Subject:
    """A kind of thing; `load(user, pk)` gives the row, its `task` with it, or raises Http404."""

    model: type[Model]
    load: Callable
    tab: str
    """where its page stands in the frame of a task"""

    @property
    def label(self) -> str:
        return self.model._meta.verbose_name

    def address_of(self, pk) -> str:
        return self.model(pk=pk).get_absolute_url()


_subjects: dict[str, Subject] = {}


def register(model: type[Model], load: Callable, *, tab: str) -> None:
    _subjects[model._meta.label_lower] = Subject(model, load, tab)


def by_type(label: str) -> Subject | None:
    """By the model's label, as it is kept with a file."""
    return _subjects.get(label)


def key_of(row) -> str:
    """How a row stands in an address: "issue-12"."""
    return f"{row._meta.model_name}-{row.pk}"


def load(user, key: str) -> tuple[Subject, Model]:
    """What an address names, if the person may see it; Http404 otherwise."""
    name, _dash, number = key.rpartition("-")
    for subject in _subjects.values():
        if subject.model._meta.model_name == name:
            return subject, subject.load(user, _whole(number))
    raise Http404


def _whole(number):
    try:
        return whole_number(number)
    except ValueError as error:
        raise Http404 from error
