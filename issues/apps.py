import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = _("issues")

    def ready(self):
        from deadlines import kinds
        from issues.services.shared import ISSUE_NEXT
        from tasks.visibility import may_see_task

        kinds.register(
            kinds.Kind(
                code=ISSUE_NEXT,
                label=_("Move the issue on"),
                ladder=(
                    kinds.Step("before", dt.timedelta(days=-1), kinds.the_owner),
                    kinds.Step("at", dt.timedelta(hours=-8), kinds.the_owner),
                    kinds.Step("after", dt.timedelta(hours=9), kinds.the_owner_and_head),
                ),
                may_see=may_see_task,
            )
        )
