"""Writes the history. Every service calls one of these in its own transaction (R12)."""

import datetime
from collections.abc import Mapping
from decimal import Decimal

from django.db import models
from django.db.models import F

from audit.models import Event
from coordination.errors import EditedMeanwhile, StageChanged


def record(row, action: str, *, by, now, changes: Mapping | None = None, reason="") -> Event:
    """Adds one entry: `by` did `action` to `row` at `now`. `by=None` is the system itself.

    `changes` is {field: (old, new)}. The row says which task it belongs to by its own
    `history_task_id` (None for rows outside any task).
    """
    return Event.objects.create(
        at=now,
        actor_id=by.pk if by else None,
        actor_name=str(by) if by else "",
        in_place_of=by.acts_in_place_of[:200] if by else "",
        action=action,
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        subject_label=str(row)[:300],
        task_id=getattr(row, "history_task_id", None),
        changes={
            field: [_plain(old), _plain(new)] for field, (old, new) in (changes or {}).items()
        },
        reason=reason,
    )


def change(row, action: str, *, by, now, version=None, reason="", extra=None, fields=None, **new):
    """Writes `new` values to the row if anything differs, with old → new in the history.

    `version` is the one the person had opened: when the row has moved on since, raises
    EditedMeanwhile with the entries that were written meanwhile. Returns None when nothing
    differs. Many-to-many fields are given as lists; `extra` are {name: (old, new)} of rows that
    belong to this one and were written beside it; `fields` are new values whose names are taken
    here, such as a field called reason.
    """
    row = _reload(row, version)
    new |= fields or {}
    changes = {name: (_value(row, name), value) for name, value in new.items()}
    changes = {name: pair for name, pair in changes.items() if not _same(*pair)}
    if not (changes or extra):
        return None
    _write(row, {name: value for name, (_old, value) in changes.items()})
    changes |= extra or {}
    return record(row, action, by=by, now=now, changes=changes, reason=reason)


def move(
    row,
    action: str,
    *,
    by,
    now,
    field="state",
    old,
    to,
    version=None,
    reason="",
    extra=None,
    **also,
) -> Event:
    """Moves a state by compare-and-swap: exactly one of two people wins.

    `old` is a state or several; `also` are further fields set with it (their old → new is
    recorded too); `version` and `extra` are as in `change`. Raises StageChanged when the row is in
    none of the `old` states.
    """
    if version is not None:
        row = _reload(row, version)
    before = getattr(row, field)
    olds = [old] if isinstance(old, str) else list(old)
    changes = {field: (before, to)} | {name: (_value(row, name), new) for name, new in also.items()}
    bumped = {"version": F("version") + 1} if hasattr(row, "version") else {}
    moved = (
        type(row)
        ._base_manager.filter(pk=row.pk, **{field: before, f"{field}__in": olds})
        .update(**{field: to}, **also, **bumped)
    )
    if moved != 1:
        raise StageChanged
    row.refresh_from_db()
    changes |= extra or {}
    return record(row, action, by=by, now=now, changes=changes, reason=reason)


def require_version(row, version: int | None) -> None:
    """Raises EditedMeanwhile, with what was written since, when the row has moved on.

    For an act that rests on what the person had before their eyes; None passes it by.
    """
    if version is not None and row.version != version:
        raise EditedMeanwhile(
            # What changed nothing, such as signing in, was no edit.
            events=Event.objects.about(row).exclude(changes={})[: max(row.version - version, 0)],
            current_version=row.version,
        )


def _reload(row, version):
    current = type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
    require_version(current, version)
    row.__dict__.update(
        {k: v for k, v in current.__dict__.items() if k != "_prefetched_objects_cache"}
    )
    row._state.fields_cache.clear()
    return row


def _write(row, values):
    many = {f.name for f in row._meta.many_to_many}
    plain = {name: value for name, value in values.items() if name not in many}
    for name, value in plain.items():
        setattr(row, name, value)
    if hasattr(row, "version"):
        row.version += 1
        plain["version"] = row.version
    row.save(update_fields=list(plain))
    for name in many & values.keys():
        getattr(row, name).set(values[name])


def _value(row, name):
    if name in {f.name for f in row._meta.many_to_many}:
        return list(getattr(row, name).all())
    return getattr(row, name)


def _same(old, new) -> bool:
    if isinstance(old, list) and all(isinstance(item, models.Model) for item in [*old, *new]):
        return {o.pk for o in old} == {n.pk for n in new}
    return old == new


def _plain(value):
    """A value as history keeps it: JSON, readable without the row it points to."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, models.Model):
        return str(value)
    return str(value)
