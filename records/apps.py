from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RecordsConfig(AppConfig):
    name = "records"
    verbose_name = _("records")

    def ready(self):
        from audit import verification
        from records.checking import SENTENCES, walk_archives

        verification.register(walk_archives, SENTENCES)
