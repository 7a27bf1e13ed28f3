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


def documented(heading):
    """The rows of the table of docs/deadlines.md whose first column has this heading."""
    text = (settings.BASE_DIR / "docs" / "deadlines.md").read_text()
    table = text.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {row[0].strip("`"): row for row in rows}


def test_every_kind_stands_in_the_documentation_with_its_ladder():
    ladders = {name: row[1] for name, row in documented("ladder").items()}
    written = {code: ladders[row[-1]] for code, row in documented("kind").items()}
    assert written == {kind.code: as_written(kind.ladder) for kind in kinds.every()}


def as_written(ladder):
    return " · ".join(f"`{step.code}` {' '.join(step.roles)}" for step in ladder)
