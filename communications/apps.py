from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationsConfig(AppConfig):
    name = "communications"
    verbose_name = _("communications")

    def ready(self):
        from communications import duties
        from deadlines import kinds

        for kind in duties.KINDS:
            kinds.register(kind)
