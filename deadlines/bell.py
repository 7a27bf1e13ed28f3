"""What stands under the bell: everything a person was told, whatever became of its mail."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from deadlines import kinds
from deadlines.models import Message, Notice, Reminder
from deadlines.outbox import HELD
from deadlines.told import Change, Duty, changes, duties

PAGE_SIZE = 20
# Of each message on the page; a page of its own has the rest.
SHOWN = 5
COUNTED = 100


@dataclass(frozen=True)
class Notification:
    """A message as its reader finds it under the bell: what they may see of it today (R29)."""

    message: Message
    duties: list[Duty]
    changes: list[Change]
    goes_on: bool
    mail: str
    """What became of its mail, in words."""


def number_not_seen(user: User) -> int:
    """How many messages are new to a person; counting stops at 100. One statement."""
    return Message.objects.not_seen_by(user)[:COUNTED].count()


def messages_of(user: User, show: str, before: int | None) -> QuerySet:
    """A person's messages for a page below `before`: "new" ones, those with "duties", with
    "changes", else all.
    """
    if show in TOLD:
        # By the index of what was told: however many messages of the other sort lie between.
        told = TOLD[show].objects.filter(recipient=user).order_by("-message")
        told = told.filter(message__lt=before) if before else told
        return Message.objects.filter(pk__in=told.values("message").distinct()[: PAGE_SIZE + 1])
    if show == "new":
        return Message.objects.not_seen_by(user)
    return Message.objects.filter(recipient=user)


TOLD = {"duties": Reminder, "changes": Notice}


def first_told() -> list[Prefetch]:
    """The first of what each message tells, most urgent first; two statements for any number."""
    return [
        Prefetch(
            "reminders",
            told_duties(Reminder.objects).order_by("deadline__due_at", "pk")[: SHOWN + 1],
            to_attr="first_reminders",
        ),
        Prefetch(
            "notices",
            Notice.objects.select_related("event").order_by("pk")[: SHOWN + 1],
            to_attr="first_notices",
        ),
    ]


def told_duties(reminders):
    """The reminders as people read them; those whose app is gone have no words."""
    return reminders.last_steps().with_words().filter(deadline__kind__in=kinds.codes())


def notifications(messages: Iterable[Message], reader: User, now) -> list[Notification]:
    """The messages, fetched with `first_told`, as their reader finds them."""
    found = visible(
        [r for m in messages for r in m.first_reminders[:SHOWN]],
        [n for m in messages for n in m.first_notices[:SHOWN]],
        reader,
        now,
    )
    return [_notification(message, *found, now) for message in messages]


def visible(reminders, notices, reader, now) -> tuple[list[Duty], list[Change]]:
    """Those whose task the reader may see today, as they are told."""
    tasks = {r.deadline.task_id for r in reminders} | {n.event.task_id for n in notices}
    seen = kinds.visible_tasks(reader, tasks)
    shown = [r for r in reminders if r.deadline.task_id in seen]
    changed = [n for n in notices if n.event.task_id in seen]
    return duties(shown, reader, now), changes(changed, reader)


def mail_words(message: Message, now: dt.datetime) -> str:
    """What became of a message's mail, to its reader."""
    state = message.state
    if state == Message.State.SENT:
        return _("Mailed %(moment)s") % {"moment": _moment(message.sent_at)}
    if state == Message.State.FAILED:
        return _("The mail could not be sent; the administrators see why")
    if state == Message.State.CANCELLED:
        return str(NOT_MAILED.get(message.last_error, _("Not mailed")))
    if state == Message.State.SENDING or message.next_attempt_at <= now + HELD:
        return _("The mail is on its way")
    held = _("Your quiet hours hold the mail back until %(moment)s")
    refused = _("The mail was not taken yet; it is tried again %(moment)s")
    return (refused if message.attempts else held) % {"moment": _moment(message.next_attempt_at)}


NOT_MAILED = {
    Message.Withdrawn.SETTLED: gettext_lazy("Not mailed: it was settled before"),
    Message.Withdrawn.SWITCHED_OFF: gettext_lazy("Not mailed: you want no mail about changes"),
    Message.Withdrawn.SUPERSEDED: gettext_lazy("Not mailed: a newer version went out instead"),
    Message.Withdrawn.NO_ADDRESS: gettext_lazy("Not mailed: you have no mail address here"),
    Message.Withdrawn.NOT_VISIBLE: gettext_lazy("Not mailed: you may not see the task"),
}


def _notification(message, duties, changes, now) -> Notification:
    return Notification(
        message=message,
        duties=[duty for duty in duties if duty.reminder.message_id == message.pk],
        changes=[change for change in changes if change.notice.message_id == message.pk],
        goes_on=max(len(message.first_reminders), len(message.first_notices)) > SHOWN,
        mail=mail_words(message, now),
    )


def _moment(value) -> str:
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
