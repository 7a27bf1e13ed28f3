"""Who writes the review, and who signs. Pages and services read this table."""

from coordination.permissions import rule
from tasks.permissions import PartTable, leads


@rule("initiating head in person")
def signs(user, task):
    """R26: a signature is nobody else's, not that of a stand-in either."""
    return task.department_id in user.standing.own.heads


REVIEW = PartTable({"write": leads, "sign": signs})
