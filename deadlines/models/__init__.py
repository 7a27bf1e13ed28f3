from deadlines.models.calendar import CalendarDay, CalendarYear
from deadlines.models.deadline import Deadline
from deadlines.models.ladder import Ladder
from deadlines.models.message import Message
from deadlines.models.punctuality import Punctuality
from deadlines.models.reminder import Notice, Reminder, Role
from deadlines.models.run import Run

__all__ = [
    "CalendarDay",
    "CalendarYear",
    "Deadline",
    "Ladder",
    "Message",
    "Notice",
    "Punctuality",
    "Reminder",
    "Role",
    "Run",
]
