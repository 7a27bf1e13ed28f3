"""Kinds of deadlines say what they need, and the documentation names each of them."""

import dataclasses

import pytest
from django.conf import settings

from deadlines import kinds


@pytest.mark.parametrize("steps", [(), ("-1h owner", "-1h head")])
def test_a_ladder_that_cannot_be_climbed_stops_the_start(kind, steps):
    with pytest.raises(ValueError, match="ladder"):
        dataclasses.replace(kind, ladder=kinds.ladder(*steps))


@pytest.mark.parametrize("line", ["4x owner", "-4h@09:00 owner", "1d@24:00 owner", "1d"])
def test_a_step_that_nobody_understands_stops_the_start(line):
    with pytest.raises(ValueError):
        kinds.ladder(line)


def test_every_kind_stands_in_the_documentation():
    table = (settings.BASE_DIR / "docs" / "deadlines.md").read_text()
    assert {"subtask_due", "communication_log", "action_item"} <= set(kinds.codes())
    assert [code for code in kinds.codes() if f"`{code}`" not in table] == []
