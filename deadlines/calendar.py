"""The organisation's work calendar, read."""

from deadlines.models import CalendarDay
from deadlines.policies import WorkCalendar


def work_calendar() -> WorkCalendar:
    """Every holiday and make-up working day, in one statement."""
    return WorkCalendar(dict(CalendarDay.objects.values_list("date", "is_working")))
