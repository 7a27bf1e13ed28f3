"""What an administrator or the night does to the mails: try again, test the server, tidy up."""

import datetime as dt
from pathlib import Path

from django.conf import settings
from django.core.mail import get_connection, send_mail
from django.db import transaction
from django.utils.translation import gettext as _

from audit import history
from deadlines.models import Message
from deadlines.outbox import nudge_after_commit
from deadlines.permissions import MESSAGE

AT_ONCE = 500
TEST_TIMEOUT = 10
KEEP_FILES = dt.timedelta(days=30)


@transaction.atomic
def retry_failed(*, by, now) -> int:
    """Puts the failed messages back into the queue, the newest 500 at most; returns how many."""
    MESSAGE.require(by, "retry", None)
    rows = Message.objects.failed().select_related("recipient").order_by("-pk")
    # Who presses at the same moment waits here and finds them queued.
    failed = list(rows.select_for_update(of=("self",))[:AT_ONCE])
    again = {"state": Message.State.QUEUED, "attempts": 0, "next_attempt_at": now}
    Message.objects.filter(pk__in=[message.pk for message in failed]).update(**again)
    for message in failed:
        changes = {name: (getattr(message, name), value) for name, value in again.items()}
        history.record(message, "message.retried", by=by, now=now, changes=changes)
    nudge_after_commit()
    return len(failed)


def send_test_mail(*, to) -> None:
    """Sends one mail to the administrator who asks, now and over the server of all mails.

    Not for use inside a transaction: a server may take its time. Raises what the server or the
    line to it raised (OSError).
    """
    MESSAGE.require(to, "test", None)
    send_mail(
        _("Test mail"),
        _("This mail was asked for on the operations page. Mails of the system reach you."),
        None,
        [to.email],
        connection=get_connection(timeout=TEST_TIMEOUT),
    )


def mail_folder() -> Path | None:
    """Where mails are written while no mail server is set; None with one."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    return None if settings.EMAIL_URL or not folder else Path(folder)


def remove_old_mail_files(now: dt.datetime) -> int:
    """Removes mail files older than 30 days: the database keeps what was sent. Returns how many."""
    folder, removed = mail_folder(), 0
    if folder is None:
        return 0
    for file in folder.glob("*.log"):
        if file.stat().st_mtime < (now - KEEP_FILES).timestamp():
            file.unlink(missing_ok=True)
            removed += 1
    return removed
