"""What goes wrong with one task holds up none of the others: noon comes for all (R17, R18)."""

import datetime as dt
import time
from itertools import pairwise

import pytest
from django.db import OperationalError

from conftest import at, released
from weekly.models import WeeklyReport, WeeklySync
from weekly.services.batches import SomeFailed, in_batches
from weekly.services.issuing import issue_due
from weekly.services.weeks import open_weeks

THIRD = dt.date(2024, 10, 14)


def test_a_week_that_cannot_be_issued_holds_up_none_that_is_due_later(running, report, send):
    send("10-14", "10-21 10:00")
    report("渠道铺设", 98, "10-21 14:00", week=THIRD)
    with released(WeeklyReport):
        WeeklyReport.objects.update(content={"format": 9})
    open_weeks(at("2024-10-22 09:00"))
    WeeklySync.objects.filter(week=dt.date(2024, 9, 30)).update(issue_at=at("2024-10-22 08:00"))
    with pytest.raises(SomeFailed, match="unknown format") as told:
        issue_due(at("2024-10-22 10:00"))
    assert len(told.value.exceptions) == 1
    assert WeeklyReport.objects.filter(occasion="noon").count() == 2
    assert WeeklySync.objects.get(week=THIRD).issue_at == at("2024-10-21 12:00")


def test_a_batch_of_which_one_fails_is_done_one_by_one():
    done = []

    def act(batch):
        if 3 in batch:
            raise ValueError("3")
        done.extend(batch)
        return len(batch)

    with pytest.raises(SomeFailed, match="3"):
        in_batches([1, 2, 3, 4, 5], act, size=2)
    assert done == [1, 2, 4, 5]


def test_a_database_that_is_away_is_asked_once():
    asked = []

    def act(batch):
        asked.extend(batch)
        raise OperationalError("the connection is closed")

    with pytest.raises(OperationalError):
        in_batches([1, 2, 3], act, size=1)
    assert asked == [1]


def test_a_long_run_lets_others_in_every_half_second():
    moments = []

    def act(batch):
        began = time.monotonic()
        time.sleep(0.1)
        moments.append((began, time.monotonic()))
        return 1

    assert in_batches(range(10), act, size=1) == 10
    gaps = [later - ended for (_b, ended), (later, _e) in pairwise(moments)]
    assert sum(gap > 0.1 for gap in gaps) >= 2
