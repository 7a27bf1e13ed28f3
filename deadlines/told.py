"""What a message tells its reader: what is owed and why it comes to them, and what changed.

A mail says what is still open when it leaves; the bell shows all of it, settled or not.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Absence, User
from deadlines import kinds, letters
from deadlines.models import Deadline, Message, Notice, Reminder, Role
from deadlines.wording import how_computed

AT_MOST = 50
"""So many duties, and so many changes, in one mail; the rest stands under the bell."""


@dataclass(frozen=True)
class Duty:
    """A reminder as its reader is told it. Its words are in the language they are asked for in."""

    reminder: Reminder
    now: dt.datetime
    absences: Sequence[Absence] = ()
    """Of those for whom the reader stands in."""

    @property
    def deadline(self) -> Deadline:
        return self.reminder.deadline

    @property
    def label(self) -> str:
        return kinds.get(self.deadline.kind).label

    @property
    def how(self) -> str:
        return how_computed(self.deadline)

    @property
    def why(self) -> str:
        """Why it comes to this person (R30)."""
        return self._why % {
            "owner": self.deadline.owner,
            "department": self.deadline.department,
            "absent": self.reminder.on_behalf_of,
            "until": self._absent_until,
        }

    @property
    def is_yours(self) -> bool:
        return self.reminder.role == Role.OWNER

    @property
    def is_late(self) -> bool:
        return self.now > self.deadline.due_at

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.deadline.link

    @property
    def _why(self) -> str:
        role = self.reminder.role
        if role == Role.STAND_IN and self._absent_until:
            return STANDS_IN_UNTIL
        return WHY[role] if self.deadline.department or role not in UPWARDS else NEXT_IN_LINE

    @property
    def _absent_until(self) -> str:
        """The last day of the absence that the reminder was told in; "" when it was taken back."""
        day = timezone.localdate(self.reminder.created_at)
        for absence in self.absences:
            away = absence.starts_on <= day <= absence.ends_on
            if away and absence.person_id == self.reminder.on_behalf_of_id:
                return formats.date_format(absence.ends_on, "DATE_FORMAT")
        return ""


@dataclass(frozen=True)
class Change:
    """A notice as its reader is told it; templates put its event into words."""

    notice: Notice
    part: str = ""
    """The reader's part in the task, in words."""

    @property
    def why(self) -> str:
        return self.part or _("The change concerns your part in it.")

    @property
    def next_step(self) -> str:
        return letters.next_step(self.notice.event)

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.notice.link


@dataclass(frozen=True)
class Told:
    """What a mail says: most urgent first, and how much more there is under the bell."""

    duties: Sequence[Duty]
    changes: Sequence[Change]
    beyond: int = 0

    @property
    def is_required(self) -> bool:
        """Whether it holds anything that nobody may do without."""
        return bool(self.duties) or any(change.notice.required for change in self.changes)


class Withdrawn(Exception):
    """There is nothing left to tell this person: `reason` is a Message.Withdrawn."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


WHY = {
    Role.OWNER: _("You are the responsible person."),
    Role.CONTACT: _("You act for %(department)s as its contact; %(owner)s is responsible."),
    Role.HEAD: _("You head %(department)s; %(owner)s is responsible."),
    Role.SENIOR: _("You are the senior manager above %(department)s; %(owner)s is responsible."),
    Role.STAND_IN: _("You stand in for %(absent)s. The duty stays with %(owner)s."),
}
UPWARDS = (Role.CONTACT, Role.HEAD, Role.SENIOR)
NEXT_IN_LINE = _("You are told as the next in line; %(owner)s is responsible.")
STANDS_IN_UNTIL = _(
    "%(absent)s is absent until %(until)s; you stand in. The duty stays with %(owner)s."
)


def duties(reminders: Iterable[Reminder], reader: User, now: dt.datetime) -> list[Duty]:
    """The reminders as their reader is told them; a statement more when the reader stands in."""
    reminders = list(reminders)
    absent = {r.on_behalf_of_id for r in reminders} - {None}
    found = list(Absence.objects.filter(stand_in=reader, person__in=absent)) if absent else []
    return [Duty(reminder, now, found) for reminder in reminders]


def changes(notices: Iterable[Notice], reader: User) -> list[Change]:
    """The notices as their reader is told them, each with why it comes to this person."""
    notices = list(notices)
    parts = kinds.parts_in(reader, {notice.event.task_id for notice in notices})
    return [Change(notice, parts.get(notice.event.task_id, "")) for notice in notices]


def still_to_tell(message: Message, now: dt.datetime) -> Told:
    """What its mail says if it leaves now: without what was settled, may no longer be seen (R29)
    or is not wanted by mail. However much a message tells, a mail costs the same.

    Raises Withdrawn when nothing is left, or nobody to read it.
    """
    reader = message.recipient
    if not reader.is_active:
        raise Withdrawn(Message.Withdrawn.INACTIVE)
    if not reader.email:
        raise Withdrawn(Message.Withdrawn.NO_ADDRESS)
    owed = message.reminders.last_steps().filter(deadline__settled_at=None)
    changed = message.notices.all()
    tasks = _tasks(owed, changed)
    hidden = tasks - kinds.visible_tasks(reader, tasks)
    owed = owed.exclude(deadline__task_id__in=hidden)
    changed = changed.exclude(event__task_id__in=hidden)
    changed = changed if reader.mail_changes else changed.filter(required=True)
    told = _told(owed, changed, reader, now)
    if not (told.duties or told.changes):
        raise Withdrawn(_why_nothing(tasks, hidden))
    return told


def _told(owed, changed, reader, now) -> Told:
    reminders = owed.with_words().order_by("deadline__due_at", "deadline_id")[:AT_MOST]
    notices = changed.select_related("event").order_by("pk")[:AT_MOST]
    return Told(
        duties=duties(reminders, reader, now),
        changes=changes(notices, reader),
        beyond=_beyond(owed, reminders) + _beyond(changed, notices),
    )


def _tasks(owed, changed) -> set[int | None]:
    """The tasks that a message is about."""
    of_duties = owed.order_by().values_list("deadline__task_id", flat=True)
    return set(of_duties.union(changed.order_by().values_list("event__task_id", flat=True)))


def _beyond(rows, shown) -> int:
    return rows.count() - AT_MOST if len(shown) == AT_MOST else 0


def _why_nothing(tasks, hidden) -> str:
    if not tasks:
        return Message.Withdrawn.SETTLED
    return Message.Withdrawn.NOT_VISIBLE if tasks == hidden else Message.Withdrawn.SWITCHED_OFF
