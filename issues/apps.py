from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IssuesConfig(AppConfig):
    name = "issues"
    verbose_name = _("issues")

    def ready(self):
        from deadlines import kinds
        from issues import duties

        for kind in duties.KINDS:
            kinds.register(kind)
