"""Puts a mark into every text that is stored about tasks, in whatever column it is."""

from contextlib import contextmanager
from unittest.mock import patch

from django.db import models

OF_TASKS = {"tasks", "communications", "issues", "weekly", "reviews", "deadlines", "audit"}
KINDS = (models.CharField, models.TextField)


@contextmanager
def marked(mark, packages=frozenset(OF_TASKS)):
    """Meanwhile what people wrote, names and numbers included, is stored (and sought) with the mark
    at its end; codes such as "execution" stay as they are.

    `mark` may be a function: the mark for a text of so many characters at most (None: any).
    """
    mark_of = mark if callable(mark) else lambda _room: mark
    with (
        patch.object(KINDS[0], "get_prep_value", _marking(KINDS[0], mark_of, packages)),
        patch.object(KINDS[1], "get_prep_value", _marking(KINDS[1], mark_of, packages)),
    ):
        yield


def _marking(kind, mark_of, packages):
    original = kind.get_prep_value

    def get_prep_value(field, value):
        value = original(field, value)
        if not _is_ours(field, packages) or not _is_written(value):
            return value
        return _with_mark(value, mark_of(field.max_length), field.max_length)

    return get_prep_value


def _is_ours(field, packages) -> bool:
    model = getattr(field, "model", None)
    return bool(model) and model._meta.app_label in packages and not field.choices


def _is_written(value) -> bool:
    return isinstance(value, str) and any("一" <= letter <= "鿿" for letter in value)


def _with_mark(value, mark, room) -> str:
    if mark in value:
        return value
    return value[: room - len(mark)] + mark if room else value + mark
