"""Every night: is the history what was written? Administrators are told once of what is not."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse

from accounts.models import Organisation, User
from audit import history
from audit.models import Seal
from audit.verification import Finding, verify
from deadlines.models import Run
from deadlines.services import tell

logger = logging.getLogger(__name__)

JOB = "verify_history"
# What is remembered and shown of a night; the command names everything.
FINDINGS = 50


def check_history(now) -> dict:
    """Runs every check of `audit.verification`; returns counts and what was found, as JSON."""
    checked, number, findings = 0, 0, []
    for step in verify():
        checked += step.checked
        number += len(step.findings)
        findings += step.findings[: FINDINGS - len(findings)]
    lines = [line_of(finding) for finding in findings]
    if _is_news(lines):
        _tell_administrators(number, findings, now)
    seal = str(Seal.objects.defer("digests").first() or "")
    logger.info("History checked up to seal %s: %d findings", seal or "none", number)
    return {"checked": checked, "found": number, "findings": lines, "seal": seal}


def line_of(finding: Finding) -> str:
    """As a run keeps it: without what the row says, which not every administrator may see."""
    return f"{finding.code} {finding.number}"


def _is_news(lines: Iterable[str]) -> bool:
    """Whether anything was found that the run before had not found."""
    before = Run.objects.filter(job=JOB).values_list("result", flat=True).first() or {}
    return not {*lines} <= {*before.get("findings", [])}


@transaction.atomic
def _tell_administrators(number, findings, now):
    organisation = Organisation.current()
    changes = {"findings": (None, number)}
    event = history.record(organisation, "history.damaged", by=None, now=now, changes=changes)
    tell(
        event=event,
        people=User.objects.filter(is_staff=True, is_active=True),
        link=reverse("deadlines:operations"),
        now=now,
        stands_alone=True,
    )
    for finding in findings:
        logger.error("%s", finding)
