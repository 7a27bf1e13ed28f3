"""Who may do what to the mails that wait, were sent or failed."""

from coordination.permissions import Table, rule
from deadlines import kinds


@rule("system administrator")
def administers(user, _thing):
    return user.is_staff


@rule("recipient")
def receives(user, message):
    return message.recipient_id == user.pk


@rule("may see all it is about")
def sees_its_subjects(user, message):
    """R29 holds for administrators too: a mail's words are part of the record."""
    tasks = {*message.reminders.values_list("deadline__task_id", flat=True)}
    tasks |= {*message.notices.values_list("event__task_id", flat=True)}
    return kinds.visible_tasks(user, tasks) == tasks


CALENDAR = Table({"edit": administers})
LADDER = Table({"list": administers, "edit": administers})

MESSAGE = Table(
    {
        "list": administers,
        "retry": administers,
        "test": administers,
        "read": receives | (administers & sees_its_subjects),
    }
)
