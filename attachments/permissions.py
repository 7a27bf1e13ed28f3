"""Who may attach files and withdraw them. Pages and services read these tables."""

from coordination.permissions import rule
from tasks.permissions import PartTable, leads, takes_part


@rule("attached it")
def attached(user, attachment):
    return attachment.uploaded_by_id == user.pk


@rule("leads the task")
def leads_task(user, attachment):
    return leads(user, attachment.task)


TASK = PartTable({"attach": takes_part})

FILE = PartTable({"withdraw": attached | leads_task})
