"""What communications owe: the log within 24 hours, and what was agreed in it (R13, R14)."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communications.models import ActionItem, Communication
from deadlines.kinds import DAY_LADDER, HOURS_LADDER, Kind, Owed
from tasks.workflow import SHARED


def _to_be_logged():
    """Scheduled, too: the clock of a talk that is planned is known ahead and moves with it."""
    return (
        Communication.objects.not_logged()
        .filter(task__stage__in=SHARED)
        .select_related("task__department", "keeper")
    )


def _log(communication, terms):
    return [
        Owed(
            owner=communication.keeper,
            due=terms.hours(24, communication.ends_at),
            what=communication.topic,
            link=reverse("communications:communication_complete", args=[communication.pk]),
            task=communication.task,
            department=communication.task.department,
        )
    ]


def _open_action_items():
    return (
        ActionItem.objects.open()
        .filter(task__stage__in=SHARED)
        .select_related("task", "owner")
        .prefetch_related("owner__memberships__department")
    )


def _action_item(item, terms):
    return [
        Owed(
            owner=item.owner,
            due=terms.end_of_day(item.due_date),
            what=item.what,
            link=reverse("communications:action_item_done", args=[item.pk]),
            task=item.task,
            department=_main_department(item.owner),
        )
    ]


def _main_department(person):
    """Of the memberships already loaded; None for a person of no department."""
    memberships = sorted(person.memberships.all(), key=lambda m: (not m.is_main, m.pk))
    return memberships[0].department if memberships else None


KINDS = [
    Kind(
        code="communication_log",
        label=_("Complete the log"),
        rule=_("24 hours after the end of the communication"),
        model=Communication,
        may_owe=_to_be_logged,
        owed=_log,
        ladder=HOURS_LADDER,
    ),
    Kind(
        code="action_item",
        label=_("Do what was agreed"),
        rule=_("by the end of the day agreed"),
        model=ActionItem,
        may_owe=_open_action_items,
        owed=_action_item,
        ladder=DAY_LADDER,
    ),
]
