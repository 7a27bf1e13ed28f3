import datetime as dt

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationsConfig(AppConfig):
    name = "communications"
    verbose_name = _("communications")

    def ready(self):
        from communications.services.action_items import ACTION_ITEM
        from communications.services.shared import COMMUNICATION_LOG
        from deadlines import kinds
        from tasks.visibility import may_see_task

        kinds.register(
            kinds.Kind(
                code=COMMUNICATION_LOG,
                label=_("Complete the log"),
                ladder=(
                    kinds.Step("before", dt.timedelta(hours=-4), kinds.the_owner),
                    kinds.Step("soon", dt.timedelta(hours=-1), kinds.the_owner),
                    kinds.Step("at", dt.timedelta(0), kinds.the_owner),
                    kinds.Step("after", dt.timedelta(hours=4), kinds.the_owner_and_head),
                ),
                may_see=may_see_task,
            )
        )
        kinds.register(
            kinds.Kind(
                code=ACTION_ITEM,
                label=_("Do what was agreed"),
                ladder=(
                    kinds.Step("before", dt.timedelta(days=-2), kinds.the_owner),
                    kinds.Step("at", dt.timedelta(hours=-8), kinds.the_owner),
                    kinds.Step("after", dt.timedelta(hours=9), kinds.the_owner_and_head),
                ),
                may_see=may_see_task,
            )
        )
