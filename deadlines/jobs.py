"""What the worker does every minute, every night, and whenever it is nudged."""

from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from deadlines import delivery, recount
from deadlines import sweep as sweeping


@shared_task
def sweep() -> dict[str, int]:
    return asdict(sweeping.sweep(timezone.now()))


@shared_task
def deliver() -> dict[str, int]:
    return asdict(delivery.deliver())


@shared_task
def reconcile() -> dict:
    return asdict(recount.reconcile(timezone.now()))


@shared_task
def reconcile_if_asked() -> dict:
    return asdict(recount.reconcile(timezone.now())) if recount.is_asked_for() else {}
