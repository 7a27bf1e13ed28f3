"""The last weeks of a subtask as a drawing the size of a word."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from weekly.report import Point

WIDTH, HEIGHT, EDGE = 88, 26, 4
MOST = 4


@dataclass(frozen=True)
class Sparkline:
    """Lines as SVG takes them; the actual one is broken where nothing is known."""

    size: str
    planned: str
    actual: tuple[str, ...]
    dots: tuple[str, ...]
    """A path for each known figure, this week's the last."""


def sparkline(points: Iterable[Point]) -> Sparkline:
    """From 0 % at the bottom to 100 % at the top; the last week always at the right."""
    points = list(points)[-MOST:]
    first = MOST - len(points)
    planned = [_place(first + n, point.planned) for n, point in enumerate(points)]
    actual = [
        None if point.actual is None else _place(first + n, point.actual)
        for n, point in enumerate(points)
    ]
    runs = [list(run) for gap, run in groupby(actual, lambda place: place is None) if not gap]
    return Sparkline(
        size=f"0 0 {WIDTH} {HEIGHT}",
        planned=_line(planned),
        actual=tuple(_line(run) for run in runs if run[1:]),
        dots=tuple(f"M{x} {y}h0" for run in runs for x, y in run),
    )


def _place(index, percent):
    x = EDGE + (WIDTH - 2 * EDGE) * index / (MOST - 1)
    y = HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * percent / 100
    return round(x, 1), round(y, 1)


def _line(places) -> str:
    return " ".join(f"{x},{y}" for x, y in places)
