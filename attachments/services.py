"""Attaching and withdrawing files. While a task is open; archived tasks take none (R26)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from attachments import permissions
from attachments.models import Attachment
from attachments.storage import Stored
from audit import history
from coordination.errors import DomainError, StageChanged
from tasks.permissions import task_of
from tasks.services.shared import lock_task
from tasks.workflow import CHANGEABLE

AT_MOST = 200


class TooManyFiles(DomainError):
    code = "too_many_files"
    message = _("A task holds at most 200 files. Withdraw some that are no longer needed.")


@transaction.atomic
def attach_file(*, part, file: Stored, by, now) -> Attachment:
    """Adds a file to a task or a part of it; its bytes are stored already (attachments.storage)."""
    task = lock_task(task_of(part), stages=CHANGEABLE)
    permissions.TASK.require(by, "attach", task)
    if task.attachments.live().count() >= AT_MOST:
        raise TooManyFiles(field="files")
    attachment = Attachment.objects.create(
        task=task,
        subject_type=part._meta.label_lower,
        subject_id=part.pk,
        subject_label=str(part)[:300],
        uploaded_by=by,
        uploaded_at=now,
        **vars(file),
    )
    _remember(attachment, "file.attached", by=by, now=now)
    return attachment


@transaction.atomic
def withdraw_file(*, attachment: Attachment, by, now) -> Attachment:
    """Takes a file back: nobody can open it any more; what it was stays known.

    Its bytes go 30 days later (attachments.upkeep).
    """
    attachment.task = lock_task(attachment.task, stages=CHANGEABLE)
    permissions.FILE.require(by, "withdraw", attachment)
    live = Attachment.objects.live().filter(pk=attachment.pk)
    if live.update(withdrawn_at=now, withdrawn_by=by) != 1:
        raise StageChanged
    _remember(attachment, "file.withdrawn", by=by, now=now)
    return attachment


def _remember(attachment, action, *, by, now) -> None:
    """The history names the file by its hash, whatever becomes of the row."""
    facts = ("subject_label", "size", "sha256")
    changes = {name: (None, getattr(attachment, name)) for name in facts}
    history.record(attachment, action, by=by, now=now, changes=changes)
