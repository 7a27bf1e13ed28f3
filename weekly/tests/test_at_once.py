"""People report and send while the minute's and the hour's runs do their part: nothing is lost,
nothing twice, nobody waits for ever (R16, R17, R18)."""

import threading

import pytest
from django.db import connection, connections

from accounts.models import User
from audit.models import Event
from conftest import at
from coordination.errors import DomainError
from tasks.models import Subtask, Task
from weekly.models import EarlyWarning, WeeklyReport
from weekly.services.issuing import issue_due, send_weekly_sync
from weekly.services.progress import report_progress
from weekly.services.warnings import watch_all, watch_recent
from weekly.services.weeks import open_weeks

pytestmark = pytest.mark.django_db(transaction=True)
THIRD = at("2024-10-14 00:00").date()
NOON = at("2024-10-21 12:00")


@pytest.fixture(autouse=True)
def shared_database(transactional_db):
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("needs a database that connections share")


def at_once(*acts):
    """What each returned or raised, all begun at the same moment."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        try:
            barrier.wait()
            results[number] = act()
        except Exception as error:
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


def reporting(subtask, actual, now, **more):
    def act():
        fresh = Subtask.objects.select_related("task", "owner").get(pk=subtask)
        said = {"cause": "waiting", "reason": "海报晚到", "week": THIRD} | more
        return report_progress(subtask=fresh, actual=actual, by=fresh.owner, now=now, **said)

    return act


def test_noon_comes_while_everybody_reports_and_sends(running, cast):
    open_weeks(at("2024-10-14 00:00"))
    subtasks = list(running.subtasks.values_list("pk", flat=True))

    def sending():
        task, by = Task.objects.get(pk=running.pk), User.objects.get(pk=cast.market_head.pk)
        needs = [{"subtask": s, "what": "增加人手", "department": cast.sales.pk} for s in subtasks]
        return send_weekly_sync(
            task=task, week=THIRD, by=by, now=NOON, summary="按计划", needs=needs
        )

    results = at_once(
        *(reporting(subtask, 60, NOON) for subtask in subtasks),
        *(sending,) * 3,
        *(lambda: issue_due(NOON),) * 3,
        *(lambda: watch_all(NOON),) * 2,
        *(lambda: watch_recent(NOON),) * 2,
        *(lambda: open_weeks(NOON),) * 2,
    )
    wrong = [each for each in results if isinstance(each, Exception)]
    assert all(isinstance(each, DomainError) for each in wrong), wrong
    reports = WeeklyReport.objects.filter(sync__week=THIRD)
    assert [r.number for r in reports.order_by("number")] == list(range(1, reports.count() + 1))
    assert reports.filter(occasion="noon").count() <= 1
    assert reports.filter(occasion="sent").count() <= 1
    assert Event.objects.filter(action="progress.reported").count() == len(subtasks)
    keys = list(EarlyWarning.objects.values_list("rule", "key"))
    told = Event.objects.filter(action__startswith="warning.").count()
    assert len(keys) == len(set(keys)) == told
    issue_due(at("2024-10-21 12:31"))
    assert issue_due(at("2024-10-21 12:32")) == 0


def test_twenty_reports_of_one_subtask_are_one_and_one_history_entry(running):
    subtask = running.subtasks.first().pk
    results = at_once(*(reporting(subtask, 60 + n, NOON) for n in range(20)))
    done = [each for each in results if not isinstance(each, Exception)]
    assert len(done) == 1
    assert all(isinstance(r, DomainError) for r in results if isinstance(r, Exception)), results
    assert Event.objects.filter(action="progress.reported").count() == 1
