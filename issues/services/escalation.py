"""Who is told of a cross-department issue, who acknowledges it, and who is told next (R20)."""

import logging
from itertools import chain, repeat

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from accounts.standing import departments_above
from audit import history
from coordination.errors import StageChanged
from deadlines.models import Notice
from deadlines.services import keep_duties, tell
from issues import permissions
from issues.choices import Superior
from issues.models import Escalation, Issue
from issues.services.shared import keep, locked, tell_about
from tasks.choices import Stage
from tasks.services.shared import involve
from tasks.workflow import WORK_OPEN

logger = logging.getLogger(__name__)

# The heads of a department and of four above it, in one statement; whoever has more pays more.
HEADS = ["head", *("__".join(["parent"] * level) + "__head" for level in range(1, 5))]
# Issues in one run, each in a transaction of its own; the rest waits a minute.
AT_MOST = 500


class AlreadyAcknowledged(StageChanged):
    code = "already_acknowledged"
    message = _("You have acknowledged this already. Thank you.")


@transaction.atomic
def acknowledge_escalation(*, escalation, by, now, note="") -> Escalation:
    """A superior has seen it: nobody further up is told. Once; a second time is told as such."""
    issue = locked(escalation.issue, stages=WORK_OPEN)
    escalation = issue.escalations.get(pk=escalation.pk)
    permissions.ESCALATION.require(by, "acknowledge", escalation)
    if escalation.acknowledged_at:
        raise AlreadyAcknowledged
    if not escalation.is_open:
        raise StageChanged
    escalation.acknowledged_at, escalation.note = now, note.strip()
    escalation.save(update_fields=["acknowledged_at", "note"])
    changes = {"note": ("", escalation.note)} if escalation.note else {}
    event = history.record(issue, "issue.acknowledged", by=by, now=now, changes=changes)
    keep_duties(escalation, now=now)
    keep(issue, now)
    tell_about(issue, event, [issue.task.initiator, issue.owner], now)
    return escalation


def pass_up(now) -> int:
    """Tells the next superior of every issue that nobody acknowledged in time.

    Twice, late or beside another run it tells each once: the moment is asked for again under the
    lock of the task. After days without a run one superior is told, and then has the whole grace
    time. Returns how many were told.
    """
    waiting = Issue.objects.to_pass_up(now).values_list("pk", flat=True)[:AT_MOST]
    return sum(_try_to_pass_up(pk, now) for pk in list(waiting))


def _try_to_pass_up(pk, now) -> bool:
    """An issue that cannot be told holds up no other."""
    try:
        return _pass_up(pk, now)
    except Exception:
        logger.exception("Issue %s was not passed up", pk)
        return False


@transaction.atomic
def _pass_up(pk, now) -> bool:
    issue = locked(Issue.objects.select_related("task").get(pk=pk), stages=Stage.values)
    if issue.pass_up_at is None or issue.pass_up_at >= now:
        return False
    superior = next_superior(issue, issue.escalations.all())
    if superior is None:
        Issue.objects.filter(pk=pk).update(pass_up_at=None)
        return False
    told = {"reported_to": ([], [str(superior)])}
    event = history.record(issue, "issue.passed_up", by=None, now=now, changes=told)
    tell_superiors(issue, [superior], event, now)
    keep(issue, now)
    return True


def tell_superiors(issue, superiors, event, now) -> None:
    """Tells each, with the way to the one button; from now on they are to acknowledge it.

    Whoever has made this happen knows of it, and gets no notice.
    """
    for escalation in superiors:
        if issue.task.is_confidential:
            involve(issue.task, escalation.person)
        escalation.issue, escalation.told_at = issue, now
        escalation.save()
        people, link = [escalation.person], escalation.get_absolute_url()
        tell(event=event, people=people, link=link, now=now, task=issue.task)
        told = Notice.objects.filter(event=event, recipient=escalation.person)
        escalation.notice = told.first()
        escalation.save(update_fields=["notice"])


def report_goes_to(task) -> list[Escalation]:
    """Whom a report is told, not yet saved: the head of the initiating department and the senior
    manager above; gaps left out (R20).
    """
    return [s for s in superiors(task) if s.role != Superior.NEXT]


def next_superior(issue, told) -> Escalation | None:
    """Whom the issue is passed up to after those `told`, not yet saved; None when nobody above is
    left to be told, or it need not be.
    """
    if not issue.wants_acknowledgement:
        return None
    above = (s for s in superiors(issue.task) if s.role != Superior.HEAD)
    knowing = {escalation.person_id for escalation in told}
    found = next((s for s in above if s.person_id not in knowing), None)
    if found:
        found.role = Superior.NEXT
    return found


def superiors(task) -> list[Escalation]:
    """The active heads from the initiating department upwards, nearest first, each once."""
    own, line = Department.objects.select_related(*HEADS).get(pk=task.department_id), {}
    for department in (own, *departments_above(own)):
        if department.head and department.head.is_active:
            line.setdefault(department.head, department)
    roles = chain([Superior.HEAD] * (own.head in line), [Superior.SENIOR], repeat(Superior.NEXT))
    return [
        Escalation(person=person, department=department, role=role)
        for (person, department), role in zip(line.items(), roles, strict=False)
    ]
