"""What the worker does every minute, every hour, every night, and whenever it is nudged."""

from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from audit.seals import seal_new
from deadlines import delivery, integrity, punctuality, recount, upkeep
from deadlines import sweep as sweeping
from deadlines.runs import recorded

# What the operations page lists of what the night has put right.
FINDINGS = 50


@shared_task
@recorded("sweep")
def sweep() -> dict[str, int]:
    return asdict(sweeping.sweep(timezone.now()))


@shared_task
@recorded("deliver")
def deliver() -> dict[str, int]:
    return asdict(delivery.deliver())


@shared_task
@recorded("count_punctuality")
def count_punctuality() -> dict[str, int]:
    return punctuality.count_punctuality(timezone.now())


@shared_task
@recorded("seal_history")
def seal_history() -> dict[str, int]:
    return {"sealed": seal_new(timezone.now())}


@shared_task
@recorded(integrity.JOB)
def verify_history() -> dict:
    return integrity.check_history(timezone.now())


@shared_task
@recorded("reconcile")
def reconcile() -> dict:
    found = recount.reconcile(timezone.now())
    return {
        "checked": found.checked,
        "repaired": len(found.repaired),
        "findings": found.repaired[:FINDINGS],
    }


@shared_task
def reconcile_if_asked() -> dict:
    return reconcile() if recount.is_asked_for() else {}


@shared_task
@recorded("tidy")
def tidy() -> dict[str, int]:
    return {"removed": upkeep.remove_old_mail_files(timezone.now())}
