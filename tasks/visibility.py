"""Asked again before a mail leaves: may this person still see the task it is about?"""

from tasks.models import Task


def may_see_task(user, thing) -> bool:
    """`thing` is a deadline or a history entry: whatever knows its task by `task_id`."""
    return Task.objects.visible_to(user).filter(pk=thing.task_id).exists()
