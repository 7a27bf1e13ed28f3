"""Vague wording is marked where it stands, with a suggestion (R6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.wording import find_vague


def words(text):
    return [v.word for v in find_vague(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请尽快完成门店对接", ["尽快"]),
        ("提升效果", ["提升效果"]),
        ("活动期间销量提升30%", []),
        ("覆盖20家核心门店，提升品牌形象", ["提升"]),
        ("首月销售额500万元，新增用户2万人", []),
        ("由相关部门配合2次", ["相关部门", "配合"]),
        ("Finish as soon as possible", ["as soon as possible"]),
        ("improve results by 5 %", []),
        ("We improve results", ["improve results"]),
        ("An improvement", []),
        ("", []),
    ],
)
def test_vague_words_are_found_and_a_number_saves_what_it_measures(text, expected):
    assert words(text) == expected


def test_each_mark_comes_with_a_suggestion():
    (vague,) = find_vague("尽快完成")
    assert (vague.start, vague.end) == (0, 2)
    assert "date" in str(vague.suggestion)


@given(st.text(alphabet=st.sampled_from("尽快提升效果20，。.a soon\n大幅配合"), max_size=60))
def test_marks_stand_where_they_say_and_do_not_overlap(text):
    end = 0
    for vague in find_vague(text):
        assert text[vague.start : vague.end] == vague.word
        assert vague.start >= end
        end = vague.end
