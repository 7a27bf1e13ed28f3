"""What people hold after talks: logs to be kept, and what was agreed (accounts.leaving)."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.leaving import Kind, columns
from communications.models import ActionItem, Communication
from communications.services import handing_over
from tasks.holdings import of_task
from tasks.workflow import SHARED


def _to_keep(person, today):
    talks = Communication.objects.not_logged().filter(keeper=person, task__stage__in=SHARED)
    department, also = "task__department", "task__initiator"
    part = of_task("task__")
    return columns(talks, name="topic", department=department, also=also, **part)


def _to_do(person, today):
    items = ActionItem.objects.open().filter(owner=person, task__stage__in=SHARED)
    part = of_task("task__")
    return columns(items, name="what", about="communication", day="due_date", **part)


def _keepers(people, thing):
    """The initiator and the contacts; where the initiator goes, whoever may come after them."""
    lead = {thing.also_id} & people.people.keys()
    if thing.also_id == thing.person.pk:
        lead = people.may_initiate(thing.department_id)
    return lead | people.contacts(thing.department_id)


KINDS = [
    Kind(
        code="communication",
        label=pgettext_lazy("what a person holds", "Keeps the log"),
        model=Communication,
        rows=_to_keep,
        page="communications:communication_detail",
        service=handing_over.hand_over_log,
        may_take=_keepers,
        hidden=_("A log in %(number)s"),
        way_out=_("The task has no other initiator and its department no contact: name one first."),
    ),
    Kind(
        code="action_item",
        label=_("Does what was agreed"),
        model=ActionItem,
        rows=_to_do,
        page="communications:communication_detail",
        service=handing_over.hand_over_action_item,
        may_take=lambda people, thing: people.colleagues(),
        hidden=_("Something agreed in %(number)s"),
        way_out=_("There is no colleague: add somebody to one of the person’s departments first."),
    ),
]
