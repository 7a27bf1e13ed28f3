"""The page of a department: what it has promised, what others owe it, and how it keeps its word."""

import datetime as dt

from django.db.models import Count, Exists, OuterRef, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.models import Department
from accounts.permissions import DEPARTMENT
from dashboards.duties import PROMISES, told
from dashboards.rates import History, rules
from dashboards.seen import totalled
from deadlines.models import Deadline
from deadlines.terms import Terms
from tasks.models import SupportRequest, Task
from tasks.workflow import SHARED

AT_MOST = 10
PEOPLE = 20
SOON = dt.timedelta(days=7)


class DepartmentWork(TemplateView):
    template_name = "dashboards/department_work.html"

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        departments = Department.objects.select_related("head", "parent")
        self.department = get_object_or_404(departments, pk=kwargs["pk"])
        DEPARTMENT.require(request.user, "see_work", self.department)

    def get_context_data(self, **kwargs):
        terms = Terms.current(timezone.now())
        return super().get_context_data(
            nav="overview",
            tab="departments",
            department=self.department,
            now=terms.now,
            made=Promises(_made(self.department), self.request.user, terms.now),
            owed=Promises(_owed_to(self.department), self.request.user, terms.now),
            load=_load(self.department, self.request.user, terms.now),
            made_link=_link(state="open", group="promises", department=self.department.pk),
            at_most=PEOPLE,
            rules=rules(),
            history=History([self.department.pk], terms.today),
            **kwargs,
        )


def _link(**chosen) -> str:
    return f"{reverse('dashboards:duty_list')}?{urlencode(chosen)}"


class Promises:
    """A list of promises: the most urgent of them, how many there are, how many are overdue.

    Those of confidential tasks are counted for who stands above, and shown to nobody who may not
    see the task.
    """

    def __init__(self, promises, user, now):
        task = Task.objects.visible_to(user).filter(pk=OuterRef("task_id"))
        shown = promises.filter(Exists(task)).select_related("department", "owner")
        self.rows = [told(duty, now) for duty in shown.order_by("due_at", "pk")[:AT_MOST]]
        self.__dict__ |= totalled(promises, user).aggregate(
            count=Count("pk"), overdue=Count("pk", filter=Q(due_at__lt=now))
        )


def _made(department):
    """What the department has promised: subtasks, and support for others."""
    return Deadline.objects.open().filter(department=department, kind__in=PROMISES)


def _owed_to(department):
    """What others have promised it: support for its subtasks, and subtasks in tasks it began."""
    begun = Task.objects.filter(department=department, stage__in=SHARED).order_by()
    support = SupportRequest.objects.filter(
        pk=OuterRef("subject_id"), subtask__department=department
    )
    return (
        Deadline.objects.open()
        .filter(
            Q(kind="subtask_due", task_id__in=begun.values("pk"))
            | (Q(kind="support_delivery") & Exists(support))
        )
        .exclude(department=department)
    )


def _load(department, user, now):
    """Who carries what the department owes, the most overdue first."""
    owed = totalled(Deadline.objects.open().filter(department=department), user)
    return (
        owed.values("owner", "owner__name", "owner__title")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(due_at__lt=now)),
            soon=Count("pk", filter=Q(due_at__gte=now, due_at__lt=now + SOON)),
            subtasks=Count("pk", filter=Q(kind="subtask_due")),
        )
        .order_by("-overdue", "-open", "owner__name", "owner")[:PEOPLE]
    )
