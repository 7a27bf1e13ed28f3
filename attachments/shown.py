"""Files as pages show them: each with whether this person may withdraw it."""

from attachments import permissions
from attachments.models import Attachment
from tasks.permissions import task_of
from tasks.workflow import CHANGEABLE

# On the page of a part; the rest stands in the list of the task's files.
ON_A_PAGE = 30


def shown(attachments, user, task) -> list[Attachment]:
    """Files of one task, each with `may_withdraw`."""
    rows = list(attachments)
    for row in rows:
        row.task = task
        row.may_withdraw = not row.withdrawn_at and may_withdraw(user, row)
    return rows


def files_of(part, user) -> list[Attachment]:
    """The newest files of a part."""
    rows = Attachment.objects.about(part).with_people().order_by("-pk")[:ON_A_PAGE]
    return shown(rows, user, task_of(part))


def may_attach(user, task) -> bool:
    return task.stage in CHANGEABLE and permissions.TASK.allows(user, "attach", task)


def may_withdraw(user, attachment) -> bool:
    return attachment.task.stage in CHANGEABLE and permissions.FILE.allows(
        user, "withdraw", attachment
    )
