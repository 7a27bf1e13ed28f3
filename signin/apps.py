from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SigninConfig(AppConfig):
    name = "signin"
    verbose_name = _("signing in")

    def ready(self):
        from deadlines import letters
        from signin import refusals  # noqa: F401 - it listens.
        from signin.letters import LINK

        letters.register(LINK, "person.link_asked")
