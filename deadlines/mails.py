"""Writes the mail of a message: subject, text and HTML, in the reader's language and the
organisation's zone.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import Organisation, User
from deadlines import kinds
from deadlines.models import Deadline, Notice, Reminder


@dataclass(frozen=True)
class Mail:
    """A written mail, in `language`."""

    language: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class Duty:
    """A reminder as the reader is told it: what is owed, by when, and why it comes to them."""

    deadline: Deadline
    is_yours: bool
    is_late: bool

    @cached_property
    def label(self):
        return kinds.get(self.deadline.kind).label

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.deadline.link


@dataclass(frozen=True)
class Change:
    """A notice as the reader is told it; its event is put into words by the template."""

    notice: Notice

    @property
    def url(self) -> str:
        return settings.SITE_URL + self.notice.link


def compose(
    *, reader: User, reminders: Sequence[Reminder], notices: Sequence[Notice], now: dt.datetime
) -> Mail:
    """The mail that tells a person of what is due (most urgent first) and of what changed."""
    organisation = Organisation.current()
    language = reader.language or organisation.language
    duties = [_duty(reminder.deadline, reader, now) for reminder in reminders]
    context = {
        "reader": reader,
        "duties": sorted(duties, key=lambda duty: (duty.deadline.due_at, duty.deadline.pk)),
        "changes": [Change(notice) for notice in notices],
        "others": len(duties) + len(notices) - 1,
        "organisation": organisation,
        "language": language,
        "now": now,
    }
    with translation.override(language), timezone.override(organisation.zone):
        context["subject"] = _one_line(render_to_string("deadlines/mail_subject.txt", context))
        return Mail(
            language=language,
            subject=context["subject"],
            text=render_to_string("deadlines/mail_text.txt", context).strip() + "\n",
            html=render_to_string("deadlines/mail.html", context),
        )


def _duty(deadline, reader, now) -> Duty:
    return Duty(deadline, deadline.owner_id == reader.pk, now > deadline.due_at)


def _one_line(subject: str) -> str:
    """A subject is one line of a length that fits its column, whatever people typed."""
    return " ".join(subject.split())[:300]
