from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeadlinesConfig(AppConfig):
    name = "deadlines"
    verbose_name = _("deadlines")

    def ready(self):
        from accounts import leaving
        from deadlines.duties import still_owed

        leaving.register(still_owed)
