"""Talks of the worked example."""

import datetime as dt

import pytest

from communications.services import logs, scheduling
from conftest import at

CONCLUSIONS = "研发部确认11月5日前完成测试，运营部同步准备上线推广文案"


def people(*rows):
    """participants as services take them: people(("市场部", "经理D"), …)."""
    return [{"department_name": department, "name": name} for department, name in rows]


THREE = people(("市场部", "经理D"), ("销售部", "主管G"), ("研发部", "工程师F"))


@pytest.fixture
def scheduled(running, cast):
    """2024-10-05 14:00–15:00, called by 经理D, who keeps the log."""
    return scheduling.schedule_communication(
        task=running,
        by=cast.market_head,
        now=at("2024-10-01 09:00"),
        topic="产品功能上线时间确认",
        starts_at=at("2024-10-05 14:00"),
        ends_at=at("2024-10-05 15:00"),
        place="三楼会议室",
        participants=THREE,
    )


@pytest.fixture
def stub(running, cast):
    """专员C of 销售部 says at 2024-10-18 10:30 that they talked."""
    return scheduling.we_talked(
        task=running,
        by=cast.sales_staff,
        now=at("2024-10-18 10:30"),
        participants=people(("市场部", "专员H")),
    )


@pytest.fixture
def complete(cast):
    """Completes a log in time, with one action item for 专员C by 2024-11-02; changes on request."""

    def _complete(communication, **changes):
        values = {
            "by": cast.market_head,
            "now": at("2024-10-05 16:00"),
            "conclusions": CONCLUSIONS,
            "participants": THREE,
            "action_items": [
                {
                    "owner": cast.sales_staff,
                    "what": "提交推广文案初稿",
                    "due_date": dt.date(2024, 11, 2),
                }
            ],
        }
        return logs.complete_log(communication=communication, **(values | changes))

    return _complete


@pytest.fixture
def logged(scheduled, complete):
    return complete(scheduled)


@pytest.fixture
def item(logged):
    return logged.action_items.get()
