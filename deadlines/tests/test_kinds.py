"""Kinds of deadlines say what they need, and the documentation names each of them."""

import datetime as dt

import pytest
from django.conf import settings

from deadlines import kinds

HOUR = dt.timedelta(hours=1)


def step(code, offset):
    return kinds.Step(code, offset, kinds.the_owner)


@pytest.mark.parametrize(
    "ladder",
    [
        (),
        (step("at", HOUR), step("before", -HOUR)),
        (step("at", HOUR), step("after", HOUR)),
        (step("at", -HOUR), step("at", HOUR)),
    ],
)
def test_a_ladder_that_cannot_be_climbed_stops_the_start(ladder):
    with pytest.raises(ValueError, match="ladder"):
        kinds.Kind(code="odd", label="odd", ladder=ladder, may_see=lambda *_: True)


def test_every_kind_stands_in_the_documentation():
    table = (settings.BASE_DIR / "docs" / "deadlines.md").read_text()
    assert {"subtask_due", "communication_log", "action_item"} <= set(kinds.codes())
    assert [code for code in kinds.codes() if f"`{code}`" not in table] == []
