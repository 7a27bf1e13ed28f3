"""The issue of the worked example, at every point of its loop."""

import datetime as dt

import pytest

from conftest import at
from issues.services import recording, solving

OCCURRED = at("2024-10-13 09:00")
RECORDED = at("2024-10-13 10:00")
DECIDED = at("2024-10-13 16:00")
ANSWERED = at("2024-10-14 20:00")
CHECKED = at("2024-10-15 09:00")

DESCRIPTION = "销售部反馈宣传物料未按时交付，影响门店活动布置"
CAUSE = "设计稿修改次数过多，供应商产能不足"
TRIED = "市场部已协调供应商加急，预计延迟2天交付"


def words_of(cast, **changes):
    """What 专员H types when recording the issue of the worked example."""
    return {
        "description": DESCRIPTION,
        "cause": CAUSE,
        "occurred_at": OCCURRED,
        "department": cast.market,
        "owner": cast.market_staff,
        "needs_other_departments": True,
        "affects_finish": False,
        "next_date": dt.date(2024, 10, 14),
        "attempts": [TRIED],
    } | changes


def record(cast, task, by=None, now=RECORDED, **changes):
    by = by or cast.market_staff
    return recording.record_issue(task=task, by=by, now=now, **words_of(cast, **changes))


def measures_of(cast):
    day = dt.date(2024, 10, 14)
    return [
        {
            "what": "市场部协调供应商优先处理，10月14日晚交付",
            "owner": cast.market_staff,
            "due_date": day,
        },
        {"what": "增加1名设计人员支持", "owner": cast.market_head, "due_date": day},
    ]


def solve(cast, issue, by=None, now=DECIDED, **changes):
    values = {
        "measures": measures_of(cast),
        "department": cast.market,
        "owner": cast.market_staff,
        "due_date": dt.date(2024, 10, 14),
    } | changes
    solving.record_solution(issue=issue, by=by or cast.market_head, now=now, **values)
    return fresh(issue)


def answer(cast, issue, by=None, now=ANSWERED, **changes):
    values = {"result": "solved", "result_text": "物料已于10月14日晚送达门店"} | changes
    solving.answer_solution(issue=issue, by=by or cast.market_staff, now=now, **values)
    return fresh(issue)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def issue(cast, running):
    """Cross-department, recorded by 专员H, not reported yet."""
    return record(cast, running)


@pytest.fixture
def solving_issue(cast, issue):
    return solve(cast, issue)


@pytest.fixture
def answered(cast, solving_issue):
    return answer(cast, solving_issue)
