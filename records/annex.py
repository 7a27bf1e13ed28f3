"""Reads who was reminded of what in a task, and who was told upwards (R20, R30)."""

from collections.abc import Mapping

from deadlines.models import Message, Reminder
from issues.models import Escalation
from records import record
from records.people import people

REMINDER = (
    "moment",
    "created_at",
    "step",
    "recipient_id",
    "role",
    "on_behalf_of_id",
    "deadline__kind",
    "deadline__what",
    "deadline__owner_id",
    "deadline__due_at",
    "deadline__settled_at",
    "message__state",
    "message__sent_at",
    "message__last_error",
)
ESCALATION = (
    "issue__position",
    "issue__description",
    "told_at",
    "person_id",
    "role",
    "department__name",
    "acknowledged_at",
    "note",
    "notice__message__state",
    "notice__message__sent_at",
    "notice__message__last_error",
)


def _reminders(task):
    return Reminder.objects.filter(deadline__task_id=task.pk)


def _escalations(task):
    return Escalation.objects.filter(issue__task=task)


def size_of(task) -> int:
    """How many people were told how often, in one statement."""
    told = _reminders(task).order_by().values("pk")
    return told.union(_escalations(task).order_by().values("pk"), all=True).count()


def read_annex(task) -> record.Annex:
    """The annex alone, in three statements."""
    rows = AnnexRows(task)
    return rows.read(people(rows.people()))


class AnnexRows:
    """The rows behind the annex of one task, in order of time: two statements."""

    def __init__(self, task):
        self.reminders = list(
            _reminders(task).order_by("created_at", "pk").values_list(*REMINDER, named=True)
        )
        self.escalations = list(
            _escalations(task).order_by("told_at", "pk").values_list(*ESCALATION, named=True)
        )

    def people(self) -> set[int | None]:
        """The ids of everybody who is named."""
        ids = {row.person_id for row in self.escalations}
        for row in self.reminders:
            ids |= {row.recipient_id, row.on_behalf_of_id, row.deadline__owner_id}
        return ids

    def read(self, people: Mapping[int, record.Person]) -> record.Annex:
        """The annex, given at least everybody who is named."""
        return record.Annex(
            reminders=tuple(_reminder(row, people) for row in self.reminders),
            escalations=tuple(_escalation(row, people) for row in self.escalations),
        )


def _reminder(row, people):
    return record.Reminder(
        moment=row.moment,
        told_at=row.created_at,
        step=row.step,
        person=people[row.recipient_id],
        role=row.role,
        stands_in_for=people.get(row.on_behalf_of_id),
        duty=row.deadline__kind,
        what=row.deadline__what,
        owner=people[row.deadline__owner_id],
        due_at=row.deadline__due_at,
        mail=_mail_of(row),
    )


def _mail_of(row):
    """A mail tells several things; what was settled before it left was left out of it."""
    sent_at, settled_at = row.message__sent_at, row.deadline__settled_at
    if sent_at and settled_at and settled_at < sent_at:
        return record.Mail(Message.State.CANCELLED.value, None, Message.Withdrawn.SETTLED.value)
    return _mail(row.message__state, sent_at, row.message__last_error)


def _escalation(row, people):
    mail = (row.notice__message__state, row.notice__message__sent_at)
    return record.Escalation(
        issue=row.issue__position,
        description=row.issue__description,
        told_at=row.told_at,
        person=people[row.person_id],
        role=row.role,
        department=row.department__name,
        acknowledged_at=row.acknowledged_at,
        note=row.note,
        mail=_mail(*mail, row.notice__message__last_error) if mail[0] else None,
    )


def _mail(state, sent_at, last_error):
    """Of what a mail server answered only that it refused: its words are for administrators."""
    withdrawn = last_error if last_error in Message.Withdrawn.values else ""
    return record.Mail(state, sent_at, withdrawn)
