"""Who may send a week and who confirms having read it. Pages, services and jobs read this."""

from coordination.permissions import Table, rule
from tasks.permissions import leads


@rule("the head to whom it went out")
def is_reader(user, reading):
    return reading.reader_id == user.pk


WEEK = Table({"send": leads})
READING = Table({"read": is_reader})
