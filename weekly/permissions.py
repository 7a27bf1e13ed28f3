"""Who may send a week and who confirms having read it. Pages, services and jobs read this."""

from coordination.permissions import rule
from tasks.permissions import PartTable, leads


@rule("the head to whom it went out")
def is_reader(user, reading):
    return reading.reader_id == user.pk


WEEK = PartTable({"send": leads})
READING = PartTable({"read": is_reader})
