"""Writes the mail of a message: subject, text and HTML, in the reader's language and the
organisation's zone.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Organisation
from accounts.unsubscribe import unsubscribe_url
from deadlines import letters
from deadlines.models import Message
from deadlines.told import Told, still_to_tell


@dataclass(frozen=True)
class Mail:
    """A written mail, in `language`."""

    language: str
    subject: str
    text: str
    kept: str
    """The text as it may be kept and shown: without what only the reader may know."""
    html: str
    unsubscribe_url: str
    """Where mails of this sort are switched off; empty for duties, which cannot be."""


def compose(message: Message, now: dt.datetime) -> Mail:
    """The mail of a message as it may leave now; told.Withdrawn when there is none."""
    reader, organisation = message.recipient, Organisation.current()
    language = reader.language or organisation.language
    with translation.override(language), timezone.override(organisation.zone):
        told = still_to_tell(message, now)
        context = {
            "reader": reader,
            "duties": told.duties,
            "changes": told.changes,
            "beyond": told.beyond,
            "others": len(told.duties) + len(told.changes) + told.beyond - 1,
            "bell_url": settings.SITE_URL
            + reverse("deadlines:notification_detail", args=[message.pk]),
            "unsubscribe_url": "" if told.is_required else unsubscribe_url(reader),
            "organisation": organisation,
            "language": language,
            "now": now,
        }
        subject, secrets = "deadlines/mail_subject.txt", ()
        if letter := _letter(message, told):
            event = told.changes[0].notice.event
            context |= letter.load(event, reader, now) | {"letter": letter, "event": event}
            subject, secrets = letter.subject, letter.secrets
        context["subject"] = _one_line(render_to_string(subject, context))
        return Mail(
            language=language,
            subject=context["subject"],
            text=_text(context),
            kept=_text(context | dict.fromkeys(secrets, "…")),
            html=render_to_string("deadlines/mail.html", context),
            unsubscribe_url=context["unsubscribe_url"],
        )


def _text(context) -> str:
    return render_to_string("deadlines/mail_text.txt", context).strip() + "\n"


def _letter(message: Message, told: Told) -> letters.Letter | None:
    """How the one event of a mail that stands alone is told in full; None: in a line."""
    if message.stands_alone and len(told.changes) == 1:
        return letters.of(told.changes[0].notice.event)
    return None


def _one_line(subject: str) -> str:
    """A subject is one line of a length that fits its column, whatever people typed."""
    return " ".join(subject.split())[:300]
