"""Asked again before a mail leaves: may this person still see the task it is about?"""

from tasks.models import Task


def may_see_task(user, deadline) -> bool:
    return Task.objects.visible_to(user).filter(pk=deadline.task_id).exists()
