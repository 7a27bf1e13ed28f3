"""Who may attach files and withdraw them. Pages and services read these tables."""

from coordination.permissions import Table, rule
from tasks.permissions import leads, takes_part


@rule("attached it")
def attached(user, attachment):
    return attachment.uploaded_by_id == user.pk


@rule("leads the task")
def leads_task(user, attachment):
    return leads(user, attachment.task)


TASK = Table({"attach": takes_part})

FILE = Table({"withdraw": attached | leads_task})
