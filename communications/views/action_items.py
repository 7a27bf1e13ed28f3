"""Action items: done, reopened, changed, taken back."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy

from communications.forms import ActionItemForm, DoneForm
from communications.models import ActionState
from communications.pages import ActionItemPage
from communications.people import Directory
from communications.services import action_items
from coordination.pages import ActPage
from tasks.forms.reasons import ReasonForm
from tasks.workflow import SHARED


class ItemAct(ActionItemPage, ActPage):
    """One act on an action item: `service` with what the form says; then back to the protocol.

    `states` are those in which the act makes sense; in others the protocol is shown.
    """

    template_name = "communications/act_form.html"
    stages = SHARED
    service = None
    states = (ActionState.OPEN,)
    done = ""

    def get(self, request, *args, **kwargs):
        if self.item.state not in self.states:
            return redirect(self.item.communication)
        return super().get(request, *args, **kwargs)

    def act(self, form, now):
        type(self).service(
            action_item=self.item, by=self.request.user, now=now, **form.cleaned_data
        )
        messages.success(self.request, self.done)
        return self.item.communication


class ActionItemDone(ItemAct):
    form_class = DoneForm
    action = "finish"
    service = staticmethod(action_items.finish_action_item)
    done = gettext_lazy("Done. The initiator is told.")
    extra_context = {"heading": gettext_lazy("Action item done")}


class ActionItemReopen(ItemAct):
    form_class = ReasonForm
    action = "reopen"
    service = staticmethod(action_items.reopen_action_item)
    states = (ActionState.DONE, ActionState.CANCELLED)
    done = gettext_lazy("Reopened. The responsible person is told.")
    extra_context = {"heading": gettext_lazy("Reopen the action item")}


class ActionItemCancel(ItemAct):
    form_class = ReasonForm
    action = "cancel"
    service = staticmethod(action_items.cancel_action_item)
    done = gettext_lazy("Taken back. The responsible person is told.")
    extra_context = {"heading": gettext_lazy("No longer needed")}


class ActionItemEdit(ItemAct):
    form_class = ActionItemForm
    action = "edit"
    service = staticmethod(action_items.edit_action_item)
    done = gettext_lazy("Saved. The people concerned are told.")
    extra_context = {"heading": gettext_lazy("Change the action item")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"people": Directory(self.task)}

    def get_initial(self):
        return {n: getattr(self.item, n) for n in ("what", "owner", "due_date", "version")}
