"""Runs over many rows: what fails for one of them holds up none of the others."""

import time
from collections.abc import Callable, Sequence

from django.db import InterfaceError, OperationalError

# Seconds. On SQLite one writes at a time, and whoever waits asks again every tenth of a second: a
# run that leaves no such gap keeps people waiting for all of it.
WORK, REST = 0.3, 0.11


class SomeFailed(ExceptionGroup):
    """What went wrong, for each row that was left out; raised once all others are done."""


def in_batches(ids: Sequence[int], act: Callable[[Sequence[int]], int], size: int) -> int:
    """Lets `act`, a transaction of its own, do a batch after the other; returns the sum of what
    it returns. A batch that fails is done row by row. A database that is away ends the run.
    """
    errors: list[Exception] = []
    done, rested_at = 0, time.monotonic()
    for at in range(0, len(ids), size):
        if time.monotonic() - rested_at > WORK:
            time.sleep(REST)
            rested_at = time.monotonic()
        done += _act(act, ids[at : at + size], errors)
    if errors:
        raise SomeFailed(f"{errors[0]!r}", errors)
    return done


def _act(act, batch, errors) -> int:
    try:
        return act(batch)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(batch) > 1:
            return sum(_act(act, [one], errors) for one in batch)
        errors.append(error)
        return 0
