"""Wording that blames people instead of looking at the process."""

import pytest

from reviews.policies import blaming_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("前期需求确认需增加书面流程，减少口头沟通误差", []),
        ("每周进度同步机制有效，能及时发现并解决问题", []),
        ("减少出错：上线前多一次核对", []),
        ("专员H不负责任，销售部推卸责任", ["不负责任", "推卸责任"]),
        ("都是市场部的错", ["都是市场部的错"]),
        ("It was sales' fault, and the FAULT of marketing", ["fault", "FAULT"]),
        ("Defaults were unclear", []),
    ],
)
def test_wording_that_blames_people_is_found(text, words):
    assert blaming_words(text) == words
