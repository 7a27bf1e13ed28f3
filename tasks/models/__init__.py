from tasks.models.assignment import Plan, ProgressUpdate, Subtask, SupportRequest
from tasks.models.initiation import (
    Collaboration,
    NumberSeries,
    Resource,
    Risk,
    Target,
    Task,
    TaskMember,
    WorkItem,
)

__all__ = [
    "Collaboration",
    "NumberSeries",
    "Plan",
    "ProgressUpdate",
    "Resource",
    "Risk",
    "Subtask",
    "SupportRequest",
    "Target",
    "Task",
    "TaskMember",
    "WorkItem",
]
