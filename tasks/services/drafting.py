"""Writing the requirement: a draft by its initiating side, a revision afterwards (R2–R4, R12)."""

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from audit import history
from coordination.errors import DomainError
from deadlines.services import keep_duties
from tasks import permissions
from tasks.choices import Stage
from tasks.models import Task
from tasks.services.shared import keep_duties_of, lock_task, tell_everybody
from tasks.workflow import REQUIREMENT_OPEN

ROWS = ("targets", "work_items", "resources", "risks")


class WorkItemTaken(DomainError):
    code = "work_item_taken"
    message = _("A department has already taken on this work item. Cancel its subtask first.")


class UnknownRow(DomainError):
    code = "unknown_row"
    message = _("One of the rows belongs to another task. Load the page again.")


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = _("Say why: the people concerned are told.")


class DepartmentBusy(DomainError):
    code = "department_busy"
    message = _("A department that has taken on a subtask cannot be left out. Cancel it first.")


def require_reason(reason: str) -> None:
    """A change that others must live with says why (R12); raises ReasonMissing."""
    if not reason.strip():
        raise ReasonMissing(field="reason")


@transaction.atomic
def create_draft(*, department, by, now, title, **fields) -> Task:
    """A new draft of this department, numbered only when it is submitted (R1, R5)."""
    permissions.DEPARTMENT.require(by, "create_task", department)
    task = Task.objects.create(
        department=department, initiator=by, title=title, created_at=now, **fields
    )
    history.record(task, "task.created", by=by, now=now)
    return task


@transaction.atomic
def save_draft(*, task, by, now, version, fields, rows, departments) -> Task:
    """Saves a draft as it is: it may be incomplete, vague, empty (R6).

    `fields` are Task's own; `rows` is {"targets": [{…}], …} in order, a row with an `id` is that
    row, once; `departments` are the collaborating ones. Raises EditedMeanwhile on a stale version.
    """
    task = lock_task(task, stages=[Stage.DRAFT])
    permissions.TASK.require(by, "edit", task)
    _write(task, "task.saved", by, now, version, fields, rows, departments, reason="")
    return task


@transaction.atomic
def revise_task(*, task, by, now, version, fields, rows, departments, reason) -> Task:
    """Changes a submitted requirement visibly: with a reason, people concerned told (R12)."""
    task = lock_task(task, stages=REQUIREMENT_OPEN)
    permissions.TASK.require(by, "revise", task)
    require_reason(reason)
    event = _write(task, "task.revised", by, now, version, fields, rows, departments, reason)
    if event:
        keep_duties_of(task, now)
        tell_everybody(task, event, now)
    return task


def _write(task, action, by, now, version, fields, rows, departments, reason):
    """One history entry for the whole form, rows included; None when nothing differs."""
    if version != task.version:
        # Nothing is written on a stale version, not even rows.
        history.change(task, action, by=by, now=now, version=version)
    changes = {}
    for name in ROWS:
        changes |= _write_rows(task, name, rows.get(name, []))
    changes |= _write_departments(task, departments, now)
    return history.change(
        task, action, by=by, now=now, version=version, reason=reason, extra=changes, **fields
    )


def _write_rows(task, name, wanted):
    """Makes the rows of one kind what is wanted, in that order; returns {name: (old, new)}."""
    manager = getattr(task, name)
    before = [_text(row) for row in manager.all()]
    existing = {row.pk: row for row in manager.all()}
    kept = set()
    for position, values in enumerate(wanted, start=1):
        values = dict(values, position=position)
        pk = values.pop("id", None)
        if pk is None:
            manager.create(**values)
            continue
        if pk not in existing.keys() - kept:
            raise UnknownRow
        kept.add(pk)
        manager.filter(pk=pk).update(**values)
    for pk in existing.keys() - kept:
        _remove(existing[pk])
    after = [_text(row) for row in manager.all()] if (wanted or existing) else []
    return {} if before == after else {name: (before, after)}


def _remove(row):
    try:
        row.delete()
    except ProtectedError as error:
        raise WorkItemTaken from error


def _text(row) -> str:
    """A row in one line, as the history keeps it: words, in the organisation's language."""
    skipped = {"id", "task", "position"}
    with translation.override(Organisation.current().language):
        values = [_words(row, f) for f in row._meta.fields if f.name not in skipped]
    return " · ".join(value for value in values if value)


def _words(row, field) -> str:
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    value = getattr(row, field.attname)
    return "" if value is None else _short(value)


def _short(value) -> str:
    return f"{value.normalize():f}" if hasattr(value, "normalize") else str(value)


def _write_departments(task, departments, now):
    before = {c.department_id: c for c in task.collaborations.select_related("department")}
    wanted = {d.pk: d for d in departments if d.pk != task.department_id}
    added = [wanted[pk] for pk in wanted if pk not in before]
    removed = [before[pk] for pk in before.keys() - wanted.keys()]
    for collaboration in removed:
        _leave(task, collaboration, now)
    for department in added:
        task.collaborations.create(department=department, asked_at=None if task.is_draft else now)
    if not (added or removed):
        return {}
    old = [str(c) for c in before.values()]
    return {"departments": (old, [str(d) for d in wanted.values()])}


def _leave(task, collaboration, now):
    if task.subtasks.live().filter(department=collaboration.department).exists():
        raise DepartmentBusy(field="departments")
    task.collaborations.filter(pk=collaboration.pk).delete()
    keep_duties(collaboration, now=now, how="cancelled")
