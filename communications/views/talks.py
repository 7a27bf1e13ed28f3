"""The list, the protocol of one talk, and what happens before its log."""

import datetime as dt

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from audit.models import Event
from communications import permissions
from communications.filters import CommunicationFilter
from communications.forms import ScheduleForm, TalkEditForm, WeTalkedForm
from communications.models import ActionItem, CommunicationState, Purpose
from communications.pages import CommunicationPage
from communications.people import Directory
from communications.policies import is_running_text, to_the_minute
from communications.services import scheduling
from coordination.pages import ActPage
from tasks.forms.reasons import ReasonForm
from tasks.pages import TaskPage
from tasks.workflow import SHARED

PAGE = 30
HISTORY = 50


class CommunicationList(TaskPage, TemplateView):
    """What the departments said to each other, latest first."""

    template_name = "communications/communication_list.html"
    tab = "communications"

    def get_context_data(self, **kwargs):
        now, user, task = timezone.now(), self.request.user, self.task
        rows = task.communications.select_related("keeper", "recorder").prefetch_related(
            "participants", Prefetch("action_items", ActionItem.objects.select_related("owner"))
        )
        chosen = CommunicationFilter(self.request.GET, rows, now=now)
        page = Paginator(chosen.qs, PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            now=now,
            today=timezone.localdate(now),
            filter=chosen,
            page=page,
            may=permissions.allowed(permissions.TASK, user, task),
            goes_on=task.stage in SHARED,
            narrowed=any(self.request.GET.get(name) for name in chosen.filters),
            **kwargs,
        )


class CommunicationDetail(CommunicationPage, TemplateView):
    template_name = "communications/communication_detail.html"

    def get_context_data(self, **kwargs):
        user, communication = self.request.user, self.communication
        items = list(communication.action_items.with_owners())
        for item in items:
            item.task, item.communication = self.task, communication
            item.may = permissions.allowed(permissions.ACTION_ITEM, user, item)
        now = timezone.now()
        return super().get_context_data(
            now=now,
            today=timezone.localdate(now),
            state=communication.state_at(now),
            participants=communication.participants.all(),
            items=items,
            may=permissions.allowed(permissions.COMMUNICATION, user, communication),
            may_log=communication.may_be_logged(now),
            goes_on=self.task.stage in SHARED,
            running_text=bool(communication.conclusions)
            and is_running_text(communication.conclusions, len(items)),
            events=_history(communication, items),
            **kwargs,
        )


def _history(communication, items):
    """What happened to a talk and to what was agreed in it, latest first."""
    about_items = Event.objects.filter(
        subject_type=ActionItem._meta.label_lower, subject_id__in=[item.pk for item in items]
    )
    return (Event.objects.about(communication) | about_items)[:HISTORY]


class TalkForm:
    """What the forms before the log have in common: people to pick, rows, the template."""

    template_name = "communications/talk_form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"people": Directory(self.task)}


class Schedule(TalkForm, TaskPage, ActPage):
    """Calls a talk; `?purpose=` and `?topic=` come from the page that asks for it."""

    form_class = ScheduleForm
    tab = "communications"
    stages = SHARED
    extra_context = {
        "heading": gettext_lazy("Schedule a communication"),
        "submit_label": gettext_lazy("Schedule"),
    }

    def load(self):
        super().load()
        permissions.TASK.require(self.request.user, "schedule", self.task)

    def get_form_kwargs(self):
        user, task = self.request.user, self.task
        allowed = [
            choice
            for choice in Purpose.choices
            if permissions.TASK.allows(user, permissions.act_of(choice[0]), task)
        ]
        return super().get_form_kwargs() | {
            "keepers": scheduling.keepers_of(task),
            "purposes": allowed,
        }

    def get_initial(self):
        hour = timezone.localtime().replace(minute=0, second=0, microsecond=0)
        return {
            "purpose": self.request.GET.get("purpose", Purpose.REGULAR),
            "topic": self.request.GET.get("topic", "")[:200],
            "starts_at": hour + dt.timedelta(hours=1),
            "ends_at": hour + dt.timedelta(hours=2),
            "keeper": self.task.initiator_id,
        }

    def act(self, form, now):
        communication = scheduling.schedule_communication(
            task=self.task, by=self.request.user, now=now, **form.values
        )
        messages.success(self.request, _("Scheduled. The participants are told."))
        return communication


class WeTalked(TalkForm, TaskPage, ActPage):
    """Starts the 24 hours of a talk nobody had scheduled; sent empty, it ended just now (R13)."""

    form_class = WeTalkedForm
    tab = "communications"
    stages = SHARED
    extra_context = {
        "heading": gettext_lazy("We talked"),
        "submit_label": gettext_lazy("Start the 24 hours"),
        "note": gettext_lazy("The log is then due within 24 hours of the end."),
    }

    def load(self):
        super().load()
        permissions.TASK.require(self.request.user, "we_talked", self.task)

    def get_initial(self):
        return {"ended_at": to_the_minute(timezone.now())}

    def act(self, form, now):
        communication = scheduling.we_talked(
            task=self.task, by=self.request.user, now=now, **form.values
        )
        messages.success(
            self.request,
            _("The 24 hours run. %(keeper)s completes the log.") % {"keeper": communication.keeper},
        )
        return communication


class TalkEdit(TalkForm, CommunicationPage, ActPage):
    form_class = TalkEditForm
    action = "edit"
    stages = SHARED
    extra_context = {
        "heading": gettext_lazy("Change the schedule"),
        "submit_label": gettext_lazy("Save the change"),
    }

    def get(self, request, *args, **kwargs):
        if self.communication.state != CommunicationState.SCHEDULED:
            return redirect(self.communication)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        people = self.communication.participants.values("department_name", "name")
        return super().get_form_kwargs() | {
            "keepers": scheduling.keepers_of(self.task),
            "initial_rows": {"participants": list(people)},
        }

    def get_initial(self):
        names = ("topic", "method", "place", "starts_at", "ends_at", "keeper", "version")
        return {name: getattr(self.communication, name) for name in names}

    def act(self, form, now):
        scheduling.edit_communication(
            communication=self.communication, by=self.request.user, now=now, **form.values
        )
        messages.success(self.request, _("Saved. The people concerned are told."))
        return self.communication


class TalkCancel(CommunicationPage, ActPage):
    template_name = "communications/act_form.html"
    form_class = ReasonForm
    action = "cancel"
    stages = SHARED
    extra_context = {"heading": gettext_lazy("Call off")}

    def act(self, form, now):
        scheduling.cancel_communication(
            communication=self.communication, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, _("Called off. The participants are told."))
        return self.communication
