from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunicationsConfig(AppConfig):
    name = "communications"
    verbose_name = _("communications")

    def ready(self):
        from accounts import leaving
        from attachments import subjects
        from communications import duties, holdings
        from communications.models import Communication
        from communications.pages import get_communication
        from deadlines import kinds

        for kind in duties.KINDS:
            kinds.register(kind)
        subjects.register(Communication, get_communication, tab="communications")
        for kind in holdings.KINDS:
            leaving.register(kind)
