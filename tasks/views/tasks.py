"""Lists and the overview of a task."""

from django.views.generic import TemplateView

from accounts.models import Department
from audit.models import Event
from coordination.pages import page_of
from tasks import permissions
from tasks.choices import Answer
from tasks.filters import TaskFilter
from tasks.models import Task
from tasks.pages import TaskPage

HISTORY_PAGE = 100


class TaskList(TemplateView):
    template_name = "tasks/task_list.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        visible = Task.objects.listed_to(user).select_related("department", "initiator")
        chosen = TaskFilter(self.request.GET, visible, request=self.request)
        tasks, before = page_of(chosen.qs, self.request)
        return super().get_context_data(
            nav="tasks",
            filter=chosen,
            tasks=tasks,
            before=before,
            may_create=departments_one_may_initiate_for(user).exists(),
            narrowed=any(self.request.GET.get(name) for name in chosen.filters),
            **kwargs,
        )


def departments_one_may_initiate_for(user):
    """The departments for which this person may open a task (R1)."""
    standing = user.standing
    return Department.objects.active().filter(pk__in=standing.heads | standing.contact_for)


class TaskDetail(TaskPage, TemplateView):
    template_name = "tasks/task_detail.html"
    tab = "overview"

    def get_context_data(self, **kwargs):
        user, task = self.request.user, self.task
        collaborations = _collaborations(user, task)
        return super().get_context_data(
            collaborations=collaborations,
            silent=[c.department for c in collaborations if c.answer == Answer.PENDING],
            may={act: permissions.TASK.allows(user, act, task) for act in permissions.TASK},
            events=Event.objects.of_task(task.pk)[:5],
            **kwargs,
        )


def _collaborations(user, task):
    """The collaborating departments with their answers, and what this person may do about each."""
    rows = list(task.collaborations.select_related("department__head", "contact", "answered_by"))
    for row in rows:
        seat = permissions.Seat(task, row.department_id, row.contact_id)
        row.may_answer = permissions.SEAT.allows(user, "answer", seat)
        row.may_name_contact = permissions.SEAT.allows(user, "name_contact", seat)
    return rows


class TaskHistory(TaskPage, TemplateView):
    template_name = "tasks/task_history.html"
    tab = "history"

    def get_context_data(self, **kwargs):
        events, before = page_of(
            Event.objects.of_task(self.task.pk), self.request, size=HISTORY_PAGE
        )
        return super().get_context_data(events=events, before=before, **kwargs)
