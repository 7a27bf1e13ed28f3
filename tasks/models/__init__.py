from tasks.models.assignment import ProgressUpdate, Subtask, SupportRequest, WeeklySync
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
    "ProgressUpdate",
    "Resource",
    "Risk",
    "Subtask",
    "SupportRequest",
    "Target",
    "Task",
    "TaskMember",
    "WeeklySync",
    "WorkItem",
]
