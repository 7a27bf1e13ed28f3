from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WeeklyConfig(AppConfig):
    name = "weekly"
    verbose_name = _("weekly rhythm")

    def ready(self):
        from deadlines import kinds
        from weekly import duties

        for kind in duties.KINDS:
            kinds.register(kind)
