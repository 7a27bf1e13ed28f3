"""The letter that carries a weekly report: all of it, in the mail to each head (R17)."""

from django.conf import settings
from django.urls import reverse

from accounts.models import Department
from deadlines.letters import Letter
from deadlines.models import Message, Notice
from deadlines.told import Withdrawn
from tasks.workflow import WORK_OPEN
from weekly import permissions
from weekly.contents import contents
from weekly.models import WeeklyReport

ACTIONS = tuple(f"weekly_sync.{occasion}" for occasion in WeeklyReport.Occasion.values)


def load(event, reader, now) -> dict:
    """What the letter of a version says to its reader, when it leaves.

    Raises Withdrawn where a newer version reaches the same person: two truths about one week in
    one morning are one too many, and the newer one says what it puts right.
    """
    versions = WeeklyReport.objects.select_related(
        "sync__task__department", "sync__task__initiator", "issued_by"
    )
    version = versions.get(pk=event.subject_id)
    around = {each.number: each for each in version.sync.reports.all()}
    newer = [each for each in around.values() if each.number > version.number]
    if reaches(newer, reader):
        raise Withdrawn(Message.Withdrawn.SUPERSEDED)
    return (
        contents(version, around.get(version.number - 1))
        | _to_reader(version, reader)
        | {"newer": newer[-1] if newer else None}
    )


def reaches(versions: list[WeeklyReport], reader) -> bool:
    """Whether one of these versions goes, or went, to the reader, or was issued by them."""
    if any(version.issued_by_id == reader.pk for version in versions):
        return True
    lost = (Message.State.CANCELLED, Message.State.FAILED)
    notices = Notice.objects.filter(
        recipient=reader,
        event__action__in=ACTIONS,
        event__subject_type=WeeklyReport._meta.label_lower,
        event__subject_id__in=[version.pk for version in versions],
    )
    return bool(versions) and notices.exclude(message__state__in=lost).exists()


def _to_reader(version, reader) -> dict:
    sync = version.sync
    task, page = sync.task, settings.SITE_URL + version.get_absolute_url()
    send = reverse("weekly:send", args=[task.pk])
    may_send = task.stage in WORK_OPEN and permissions.WEEK.allows(reader, "send", task)
    headed = Department.objects.filter(head=reader).values_list("name", flat=True)
    return {
        "site": settings.SITE_URL,
        "page": page,
        "is_reader": version.readings.filter(reader=reader, read_at=None).exists(),
        "own": set(headed),
        "send": f"{settings.SITE_URL}{send}?week={sync.week}"
        if may_send and sync.sent_at is None
        else "",
    }


LETTER = Letter(
    load=load,
    subject="weekly/_mail_subject.txt",
    text="weekly/_mail_report.txt",
    html="weekly/_mail_report.html",
)
