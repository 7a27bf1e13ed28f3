from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    name = "tasks"
    verbose_name = _("tasks")

    def ready(self):
        from accounts import leaving
        from deadlines import kinds
        from tasks import duties, holdings, visibility

        kinds.guard(visibility.visible_tasks)
        kinds.explain(visibility.parts_in)
        kinds.name_contacts(duties.named_contacts)
        kinds.lock_with(duties.lock_tasks_of)
        for kind in duties.KINDS:
            kinds.register(kind)
        leaving.guard(visibility.visible_tasks)
        leaving.lock_with(duties.lock_tasks)
        for kind in holdings.KINDS:
            leaving.register(kind)
