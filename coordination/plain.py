"""Frozen values as JSON and back, without loss: what is kept for ever is written this way."""

import datetime as dt
import types
from dataclasses import fields, is_dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


def to_plain(value) -> Any:
    """A dataclass as JSON-able values: dicts, lists, str, int, None.

    Equal values give equal plain values: moments become UTC, decimals lose trailing zeros.
    """
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def read_plain(kind, plain):
    """The value of a dataclass `kind` from what `to_plain` wrote.

    Raises KeyError, TypeError or ValueError on anything else.
    """
    if is_dataclass(kind):
        return kind(**{name: read_plain(hint, plain[name]) for name, hint in _hints(kind).items()})
    if get_origin(kind) is tuple:
        return tuple(read_plain(get_args(kind)[0], item) for item in plain)
    if get_origin(kind) in (types.UnionType, Union):
        return None if plain is None else read_plain(get_args(kind)[0], plain)
    if kind is Decimal:
        return Decimal(plain)
    if kind in (dt.datetime, dt.date):
        return kind.fromisoformat(plain)
    return plain


@cache
def _hints(kind):
    return get_type_hints(kind)
