"""Who writes the review, and who signs. Pages and services read this table."""

from coordination.permissions import Table
from tasks.permissions import heads_initiating, leads

REVIEW = Table({"write": leads, "sign": heads_initiating})
