"""Stage 2: the coverage matrix, promises, confirmation."""

from collections import defaultdict

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.models import User
from audit.models import Event
from coordination.pages import ActPage
from tasks import permissions
from tasks.choices import SubtaskState
from tasks.forms.assignment import SubtaskForm, TakeOnForm
from tasks.forms.reasons import ReasonForm
from tasks.models import Subtask, WorkItem
from tasks.pages import TaskPage, get_task
from tasks.services import assignment
from tasks.services.planning import current_plan
from tasks.services.shared import departments_of
from tasks.workflow import ASSIGNMENT_OPEN, WORK_OPEN


class AssignmentPage(TaskPage, TemplateView):
    """Work items × departments: who has taken what, what nobody and what two have taken (R11)."""

    template_name = "tasks/assignment.html"
    tab = "assignment"

    def get_context_data(self, **kwargs):
        user, task = self.request.user, self.task
        subtasks = list(_subtasks_of(task))
        cover = assignment.coverage_of(task)
        seats = permissions.seats_of(task)
        open_to_me = {s.department_id for s in seats if permissions.SEAT.allows(user, "take_on", s)}
        departments = departments_of(task)
        return super().get_context_data(
            subtasks=subtasks,
            departments=departments,
            matrix=_matrix(task, subtasks, departments, cover, open_to_me),
            coverage=cover,
            may_confirm=permissions.TASK.allows(user, "confirm", task),
            **kwargs,
        )


def _subtasks_of(task):
    """The live subtasks with owners, support and latest progress, in a fixed number of reads."""
    rows = (
        task.subtasks.live()
        .select_related("department", "owner", "work_item")
        .prefetch_related("support_requests__department", "progress", "helpers")
        .order_by("work_item__position", "pk")
    )
    for row in rows:
        row.latest = max(row.progress.all(), key=lambda p: p.week, default=None)
        yield row


def _matrix(task, subtasks, departments, cover, open_to_me):
    """A row per work item: its state, and a cell per department with its subtasks."""
    cells = defaultdict(list)
    for subtask in subtasks:
        cells[subtask.work_item_id, subtask.department_id].append(subtask)
    return [
        {
            "item": item,
            "gap": item.pk in cover.gaps,
            "overlap": item.pk in cover.overlaps,
            "cells": [
                {
                    "department": department,
                    "subtasks": cells[item.pk, department.pk],
                    "may_take_on": department.pk in open_to_me,
                }
                for department in departments
            ],
        }
        for item in task.work_items.all()
    ]


@require_POST
def confirm(request, task_pk):
    task = get_task(request.user, task_pk)
    assignment.confirm_assignment(task=task, by=request.user, now=timezone.now())
    messages.success(request, _("The assignment is confirmed. Everybody concerned is told."))
    return redirect("tasks:assignment", task.pk)


def colleagues_of(task):
    """The active people of all departments of a task."""
    departments = [d.pk for d in departments_of(task)]
    return User.objects.active().filter(memberships__department__in=departments).distinct()


class TakeOn(TaskPage, ActPage):
    """A department takes on a work item; `?department=` chooses among several one acts for."""

    template_name = "tasks/take_on.html"
    form_class = TakeOnForm
    tab = "assignment"
    stages = ASSIGNMENT_OPEN

    def load(self):
        self.work_item = get_object_or_404(WorkItem, pk=self.kwargs["pk"])
        self.task = get_task(self.request.user, self.work_item.task_id)
        self.department = self._department()
        seat = permissions.seat_of(self.task, self.department)
        permissions.SEAT.require(self.request.user, "take_on", seat)

    def _department(self):
        """The asked one, else the first one this person acts for, else the initiating one."""
        departments = departments_of(self.task)
        asked = self.request.GET.get("department")
        mine = [
            d
            for d in departments
            if permissions.SEAT.allows(
                self.request.user, "take_on", permissions.seat_of(self.task, d)
            )
        ]
        by_id = {str(d.pk): d for d in departments}
        return by_id.get(asked) or (mine or departments)[0]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "department": self.department,
            "colleagues": colleagues_of(self.task),
        }

    def get_initial(self):
        return {
            "name": self.work_item.name,
            "start_date": self.task.start_date,
            "due_date": self.task.end_date,
        }

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            work_item=self.work_item,
            department=self.department,
            others=self.work_item.subtasks.live().select_related("department", "owner"),
            **kwargs,
        )

    def act(self, form, now):
        subtask = assignment.take_on_work_item(
            work_item=self.work_item,
            department=self.department,
            by=self.request.user,
            now=now,
            **form.promise,
        )
        messages.success(self.request, _("Taken on."))
        if "ask_support" in self.request.POST:
            return redirect("tasks:support_ask", subtask.pk).url
        return redirect("tasks:assignment", self.task.pk).url


def get_subtask(user, pk) -> Subtask:
    """A subtask of a task that this person may see; Http404 otherwise."""
    found = Subtask.objects.select_related("department__head", "owner", "work_item")
    subtask = get_object_or_404(found, pk=pk)
    subtask.task = get_task(user, subtask.task_id)
    return subtask


class SubtaskPage(TaskPage):
    """A page about one subtask; `action` is what the person must be allowed to do."""

    tab = "assignment"
    action = ""

    def load(self):
        self.subtask = get_subtask(self.request.user, self.kwargs["pk"])
        self.task = self.subtask.task
        if self.action:
            permissions.SUBTASK.require(self.request.user, self.action, self.subtask)

    def get_context_data(self, **kwargs):
        return super().get_context_data(subtask=self.subtask, **kwargs)


class SubtaskDetail(SubtaskPage, TemplateView):
    template_name = "tasks/subtask_detail.html"

    def get_context_data(self, **kwargs):
        user, subtask = self.request.user, self.subtask
        requests = list(
            subtask.support_requests.select_related("department", "answered_by", "deliverer")
        )
        for request in requests:
            request.subtask = subtask
            request.may = {
                act: permissions.SUPPORT.allows(user, act, request) for act in permissions.SUPPORT
            }
        return super().get_context_data(
            requests=requests,
            updates=subtask.progress.select_related("reported_by").order_by("-week")[:60],
            plan=current_plan(subtask),
            helpers=subtask.helpers.all(),
            may={a: permissions.SUBTASK.allows(user, a, subtask) for a in permissions.SUBTASK},
            is_open=subtask.state == SubtaskState.OPEN,
            events=Event.objects.about(subtask)[:30],
            **kwargs,
        )


class SubtaskEdit(SubtaskPage, ActPage):
    template_name = "tasks/subtask_edit.html"
    form_class = SubtaskForm
    action = "edit"
    stages = ASSIGNMENT_OPEN

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "department": self.subtask.department,
            "colleagues": colleagues_of(self.task),
            "confirmed": bool(self.task.confirmed_at),
        }

    def get_initial(self):
        own = {name: getattr(self.subtask, name) for name in SubtaskForm.OWN if name != "helpers"}
        return own | {"helpers": self.subtask.helpers.all(), "version": self.subtask.version}

    def act(self, form, now):
        return assignment.edit_subtask(
            subtask=self.subtask,
            by=self.request.user,
            now=now,
            version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
            **form.promise,
        )


class SubtaskReason(SubtaskPage, ActPage):
    """An act on a subtask that needs a reason."""

    template_name = "tasks/reason.html"
    form_class = ReasonForm
    service = None

    def act(self, form, now):
        return type(self).service(
            subtask=self.subtask, by=self.request.user, now=now, **form.cleaned_data
        )


class SubtaskCancel(SubtaskReason):
    action = "cancel"
    stages = ASSIGNMENT_OPEN
    service = staticmethod(assignment.cancel_subtask)
    extra_context = {"heading": gettext_lazy("Take the subtask back")}


class SubtaskReopen(SubtaskReason):
    action = "reopen"
    stages = WORK_OPEN
    service = staticmethod(assignment.reopen_subtask)
    extra_context = {"heading": gettext_lazy("Reopen the subtask")}


@require_POST
def subtask_finish(request, pk):
    subtask = get_subtask(request.user, pk)
    assignment.finish_subtask(subtask=subtask, by=request.user, now=timezone.now())
    messages.success(request, _("Well done. The initiator has been told."))
    return redirect(subtask)
