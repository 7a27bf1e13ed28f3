"""What every page inside a task has in common: the task, its frame, who may do what."""

from django.contrib import messages
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from tasks.choices import Stage
from tasks.models import Collaboration, Task


def get_task(user, pk) -> Task:
    """The task, if this person may see it; Http404 otherwise."""
    tasks = Task.objects.visible_to(user).select_related("department", "initiator")
    seats = Prefetch("collaborations", Collaboration.objects.select_related("department"))
    return get_object_or_404(tasks.prefetch_related(seats), pk=pk)


class TaskPage:
    """A page inside a task. `tab` names its place in the frame; `task_pk` stands in the address.

    Pages of a part of a task (a subtask, an issue …) override `load`, which sets `self.task` and
    whatever else they need; it runs before GET and POST alike.

    A form names the `stages` in which its service takes it. In another it is not opened but leads
    back to the task; one that was open meanwhile is sent all the same, and the service says so
    with everything typed kept.
    """

    tab = ""
    stages = Stage.values

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.load()

    def load(self):
        self.task = get_task(self.request.user, self.kwargs["task_pk"])

    def dispatch(self, request, *args, **kwargs):
        if request.method in ("GET", "HEAD") and self.task.stage not in self.stages:
            messages.warning(request, _out_of_place(self.task))
            return redirect(self.task)
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return super().get_context_data(task=self.task, tab=self.tab, nav="tasks", **kwargs)


def _out_of_place(task) -> str:
    """Why a form is not opened in the stage that the task has reached."""
    if task.stage == Stage.ARCHIVED:
        return _("This task is archived; nothing can be changed any more.")
    if task.stage == Stage.CANCELLED:
        return _("This task is cancelled; nothing can be changed any more.")
    words = _("This step has no place in the stage “%(stage)s”. Here is where the task stands.")
    return words % {"stage": task.get_stage_display()}
