import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("tasks")

    def ready(self):
        from deadlines import kinds
        from tasks.services.assignment import SUBTASK_DUE
        from tasks.visibility import may_see_task

        kinds.guard_notices(may_see_task)
        kinds.register(
            kinds.Kind(
                code=SUBTASK_DUE,
                label=_("Finish the subtask"),
                ladder=(
                    kinds.Step("before", dt.timedelta(days=-2), kinds.the_owner),
                    kinds.Step("at", dt.timedelta(hours=-8), kinds.the_owner),
                    kinds.Step("after", dt.timedelta(hours=9), kinds.the_owner_and_head),
                ),
                may_see=may_see_task,
            )
        )
