"""Loads communications and action items for pages: visible or 404, allowed or 403."""

from django.shortcuts import get_object_or_404

from communications import permissions
from communications.models import ActionItem, Communication
from tasks.pages import TaskPage, get_task


def get_communication(user, pk) -> Communication:
    """A communication of a task that this person may see; Http404 otherwise."""
    found = Communication.objects.visible_to(user).select_related("keeper", "recorder", "opened_by")
    communication = get_object_or_404(found, pk=pk)
    communication.task = get_task(user, communication.task_id)
    return communication


def get_action_item(user, pk) -> ActionItem:
    """An action item of a task that this person may see; Http404 otherwise."""
    found = ActionItem.objects.visible_to(user).with_owners().select_related("communication")
    item = get_object_or_404(found, pk=pk)
    item.task = item.communication.task = get_task(user, item.task_id)
    return item


class CommunicationPage(TaskPage):
    """A page about one communication; `action` is what the person must be allowed to do."""

    tab = "communications"
    action = ""

    def load(self):
        self.communication = get_communication(self.request.user, self.kwargs["pk"])
        self.task = self.communication.task
        if self.action:
            permissions.COMMUNICATION.require(self.request.user, self.action, self.communication)

    def get_context_data(self, **kwargs):
        return super().get_context_data(communication=self.communication, **kwargs)


class ActionItemPage(TaskPage):
    """A page about one action item; `action` is what the person must be allowed to do."""

    tab = "communications"
    action = ""

    def load(self):
        self.item = get_action_item(self.request.user, self.kwargs["pk"])
        self.task = self.item.task
        permissions.ACTION_ITEM.require(self.request.user, self.action, self.item)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            item=self.item, communication=self.item.communication, **kwargs
        )
