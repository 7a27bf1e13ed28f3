"""What the worker does every minute, and whenever it is nudged."""

from dataclasses import asdict

from celery import shared_task
from django.utils import timezone

from deadlines import delivery
from deadlines import sweep as sweeping


@shared_task
def sweep() -> dict[str, int]:
    return asdict(sweeping.sweep(timezone.now()))


@shared_task
def deliver() -> dict[str, int]:
    return asdict(delivery.deliver())
