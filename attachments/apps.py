from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttachmentsConfig(AppConfig):
    name = "attachments"
    verbose_name = _("attachments")

    def ready(self):
        from attachments import subjects
        from tasks.models import Subtask, Task
        from tasks.pages import get_task
        from tasks.views.assignment import get_subtask

        subjects.register(Task, get_task, tab="files")
        subjects.register(Subtask, get_subtask, tab="assignment")
