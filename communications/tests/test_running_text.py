"""Running text that names no conclusion and no action is pointed out, never refused (R14)."""

import pytest

from communications.policies import is_running_text
from communications.tests.conftest import CONCLUSIONS

CHAT = "大家就产品上线时间进行了讨论，市场部介绍了情况，气氛热烈。"


@pytest.mark.parametrize(
    "text",
    [
        CHAT,
        "各部门交换了意见，尚未决定上线时间，也没有确认人选。",
        "We had a lively exchange about the launch.",
        "The date was discussed but not decided.",
    ],
)
def test_it_is_pointed_out(text):
    assert is_running_text(text, action_items=0)


@pytest.mark.parametrize(
    "text",
    [
        CONCLUSIONS,
        "一致同意推迟到11月5日。",
        "销售部于10月15日前提交名单",
        "R&D confirmed the test date.",
        "Sales will send the list.",
    ],
)
def test_a_conclusion_is_recognised(text):
    assert not is_running_text(text, action_items=0)


def test_an_agreed_action_is_enough():
    assert not is_running_text(CHAT, action_items=1)
