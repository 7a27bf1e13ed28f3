from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeadlinesConfig(AppConfig):
    name = "deadlines"
    verbose_name = _("deadlines")

    def ready(self):
        from accounts import leaving, succession
        from deadlines import recount
        from deadlines.calendar.official import seed_after_migrate
        from deadlines.duties import still_owed
        from deadlines.services import tell

        leaving.ask(still_owed)
        leaving.tell_with(tell)
        succession.register(recount.of_department)
        succession.register_clock(recount.after_change)
        post_migrate.connect(seed_after_migrate, sender=self)
