"""Remembers how the last run of each periodic job went, for the operations page and the alarm."""

import datetime as dt
import logging
from collections.abc import Callable
from functools import wraps

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from deadlines.models import Run

logger = logging.getLogger(__name__)

# Between two machines.
CLOCKS_DIFFER = dt.timedelta(minutes=1)


def recorded(job: str):
    """Has a job's beginning, its end, what it returned (counts, as JSON) and its error remembered.

        @shared_task
        @recorded("sweep")
        def sweep() -> dict[str, int]: …

    An error is remembered with its words and raised. Remembering never makes a job fail. Of two
    runs at once the one that began last is remembered; what a run before it brought stays until
    it ends.
    """

    def decorate(act: Callable[..., dict]):
        @wraps(act)
        def run(*args, **kwargs):
            began = timezone.now()
            _never_fail(_begin, job, began)
            try:
                result = act(*args, **kwargs)
            except Exception as error:
                words = f"{type(error).__name__}: {error}".replace("\0", "")[:500]
                _never_fail(_end, job, began, error=words)
                raise
            _never_fail(_end, job, began, result=result, error="")
            return result

        return run

    return decorate


def _never_fail(remember, *args, **kwargs) -> None:
    """A database that is away is told by the job itself, which asks it next."""
    try:
        with transaction.atomic():
            remember(*args, **kwargs)
    except Exception as error:
        logger.warning("The run of %s is not remembered: %s", args[0], error)


def _begin(job, began) -> None:
    mine = {"began_at": began, "ended_at": None}
    _row, is_new = Run.objects.get_or_create(job=job, defaults=mine)
    if not is_new:
        # A beginning in the future is that of a clock which has been put right since.
        before = Q(began_at__lte=began) | Q(began_at__gt=began + CLOCKS_DIFFER)
        Run.objects.filter(before, pk=job).update(**mine)


def _end(job, began, **outcome) -> None:
    Run.objects.filter(pk=job, began_at=began).update(ended_at=timezone.now(), **outcome)
