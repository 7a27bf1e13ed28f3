"""Signs and freezes a task (R24, R26)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from audit.models import Event
from coordination.errors import DomainError, EditedMeanwhile
from deadlines import kinds
from deadlines.services import keep_kind, settle_task, tell
from deadlines.terms import Terms
from records.build import build
from records.canonical import GENESIS, canonical, check_code
from records.checking import FROZEN
from records.models import Archive, Chain
from reviews.missing import to_stored, what_is_missing
from reviews.models import SignOff
from reviews.permissions import REVIEW
from signin.passwords import has_password, is_password_of
from tasks.services.initiation import move_task
from tasks.services.shared import lock_task, people_concerned
from tasks.workflow import TRANSITIONS


class WrongPassword(DomainError):
    code = "wrong_password"
    message = _("This is not your password.")


class NoPassword(DomainError):
    code = "no_password"
    message = _(
        "You have no password here yet. Have a link mailed to set one: Security, “Set a password”."
    )


class StillMissing(DomainError):
    code = "still_missing"
    message = _("Something is missing: say why it is archived all the same.")


@transaction.atomic
def archive_task(*, task, by, password, now, reason="", seen=None) -> Archive:
    """The initiating head signs; the task is frozen with its signature and takes no more change.

    `reason` is needed when anything is missing (R24). `seen` is the id of the newest history
    entry the head had before their eyes: whoever signs, signs what they have seen, and
    EditedMeanwhile says what came after it. None passes this by.
    """
    task = lock_task(task, stages=TRANSITIONS["archive"][0])
    REVIEW.require(by, "sign", task)
    _require_password(by, password)
    _require_seen(task, seen)
    missing = what_is_missing(task, now=now)
    if missing and not reason.strip():
        raise StillMissing(field="reason")
    reason = reason.strip() if missing else ""
    _sign(task, by, now, missing, reason)
    event = move_task(task, "archive", by=by, now=now, reason=reason, ended_at=now)
    keep_kind(kinds.get("archive"), [task.pk], Terms.current(now))
    settle_task(task=task, now=now)
    archive = _freeze(task, by, now)
    people, link = people_concerned(task), task.get_absolute_url()
    tell(event=event, people=people, link=link, now=now, task=task)
    return archive


def newest_event(task) -> int:
    """The id of the newest entry in the task's history: what a person sees goes up to it."""
    return Event.objects.of_task(task.pk).values_list("pk", flat=True).first() or 0


def _require_password(by, password):
    if not is_password_of(by, password):
        raise (WrongPassword if has_password(by) else NoPassword)(field="password")


def _require_seen(task, seen):
    newest = newest_event(task)
    if seen is not None and seen != newest:
        events = Event.objects.of_task(task.pk).filter(pk__gt=seen)[:20]
        raise EditedMeanwhile(events=events, current_version=newest)


def _sign(task, by, now, missing, reason):
    who = [task.department.name, by.title, str(by)]
    SignOff.objects.create(
        task=task,
        signed_by=by,
        signer_name=" ".join(part for part in who if part),
        signed_at=now,
        missing=to_stored(missing),
        reason=reason,
    )


def _freeze(task, by, now) -> Archive:
    """Adds the record to the end of the chain, whose one row stays locked until the commit."""
    Chain.objects.get_or_create(pk=1, defaults={"last_sha256": GENESIS})
    chain = Chain.objects.select_for_update().get(pk=1)
    record = canonical(build(task))
    archive = Archive.objects.create(
        task=task,
        archived_at=now,
        record=record,
        sha256=check_code(record, chain.last_sha256),
        previous_sha256=chain.last_sha256,
    )
    chain.last_sha256 = archive.sha256
    chain.save(update_fields=["last_sha256"])
    history.record(archive, FROZEN, by=by, now=now, changes={"sha256": (None, archive.sha256)})
    return archive
