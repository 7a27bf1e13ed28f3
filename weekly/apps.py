from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WeeklyConfig(AppConfig):
    name = "weekly"
    verbose_name = _("weekly rhythm")

    def ready(self):
        from deadlines import kinds, letters
        from weekly import duties
        from weekly.attention import TO_DO
        from weekly.letters import ACTIONS, LETTER

        for kind in duties.KINDS:
            kinds.register(kind)
        letters.register(LETTER, *ACTIONS)
        letters.suggest({f"warning.{rule}": words for rule, words in TO_DO.items()})
