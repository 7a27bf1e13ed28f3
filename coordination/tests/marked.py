"""Puts a mark into every text that is stored about tasks, in whatever column it is."""

from contextlib import contextmanager
from unittest.mock import patch

from django.db import models

OF_TASKS = {"tasks", "communications", "issues", "weekly", "reviews", "deadlines", "audit"}
KINDS = (models.CharField, models.TextField)
NARROW = 100
"""Columns for fewer letters take the short marks."""


@contextmanager
def marked(*marks, short=(), packages=frozenset(OF_TASKS)):
    """Meanwhile what people wrote, names and numbers included, is stored (and sought) with one of
    the marks at its end, always the same for the same text; codes such as "execution" stay as they
    are.
    """
    pair = marks, short or marks
    with (
        patch.object(KINDS[0], "get_prep_value", _marking(KINDS[0], pair, packages)),
        patch.object(KINDS[1], "get_prep_value", _marking(KINDS[1], pair, packages)),
    ):
        yield


def _marking(kind, pair, packages):
    original = kind.get_prep_value

    def get_prep_value(field, value):
        value = original(field, value)
        if not _is_ours(field, packages) or not _is_written(value):
            return value
        return _with_mark(value, pair, field.max_length)

    return get_prep_value


def _is_ours(field, packages) -> bool:
    model = getattr(field, "model", None)
    return bool(model) and model._meta.app_label in packages and not field.choices


def _is_written(value) -> bool:
    return isinstance(value, str) and any("一" <= letter <= "鿿" for letter in value)


def _with_mark(value, pair, room) -> str:
    marks, short = pair
    if any(mark in value for mark in (*marks, *short)):
        return value
    fitting = short if room and room < NARROW else marks
    mark = fitting[sum(map(ord, value)) % len(fitting)]
    return value[: room - len(mark)] + mark if room else value + mark
