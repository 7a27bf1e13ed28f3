"""What every page inside a task has in common: the task, its frame, who may do what."""

from django.shortcuts import get_object_or_404

from tasks.models import Task


def get_task(user, pk) -> Task:
    """The task, if this person may see it; Http404 otherwise."""
    tasks = Task.objects.visible_to(user).select_related("department", "initiator")
    return get_object_or_404(tasks.prefetch_related("collaborations__department"), pk=pk)


class TaskPage:
    """A page inside a task. `tab` names its place in the frame; `task_pk` stands in the address.

    Pages of a part of a task (a subtask, an issue …) override `load`, which sets `self.task` and
    whatever else they need; it runs before GET and POST alike.
    """

    tab = ""

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.load()

    def load(self):
        self.task = get_task(self.request.user, self.kwargs["task_pk"])

    def get_context_data(self, **kwargs):
        return super().get_context_data(task=self.task, tab=self.tab, nav="tasks", **kwargs)
