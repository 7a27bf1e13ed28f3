"""A week of 渠道铺设, 市场调研 and 产品培训 as people report and send it."""

import pytest

from conftest import at
from weekly.services.issuing import send_weekly_sync
from weekly.services.progress import report_progress


@pytest.fixture
def report(running):
    """`report("渠道铺设", 60, "10-18 17:00")`: its owner says how far it is."""

    def _report(name, actual, when="10-18 17:00", **more):
        subtask = running.subtasks.get(name=name)
        now = at(f"2024-{when}")
        return report_progress(subtask=subtask, actual=actual, by=subtask.owner, now=now, **more)

    return _report


@pytest.fixture
def send(running, cast):
    """`send("10-14", "10-21 10:00")`: 经理D sends a week, with something for every subtask."""

    def _send(week, when, by=None, **more):
        needs = [
            {"subtask": subtask.pk, "what": "增加人手", "department": cast.sales.pk}
            for subtask in running.subtasks.live()
        ]
        values = {"summary": "渠道按计划推进", "needs": needs} | more
        return send_weekly_sync(
            task=running,
            week=at(f"2024-{week}").date(),
            by=by or cast.market_head,
            now=at(f"2024-{when}"),
            **values,
        )

    return _send
