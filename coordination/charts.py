"""Charts as values: what one shows, the table that says the same, how it is drawn on paper.

A page builds a `Chart` and includes `includes/_chart.html`; the script of the head makes it one
that answers to the pointer. Without script, in print and in a PDF the drawing of here is shown.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby, zip_longest

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, BOTTOM = 44, 624, 230
"""Where the field of the drawing begins and ends; the legend stands above it."""
LEGEND_LINE = 20
SIZE = 12
"""Of the text, in the units of the drawing."""
GRID_LINES = 5
MOST_MARKS = 26

Value = float | None


class Kind(StrEnum):
    CURVE = "curve"  # percent over time
    TREND = "trend"  # any figures over time
    BARS = "bars"  # figures side by side


@dataclass(frozen=True)
class Look:
    """How a series is told from the others: never by its colour alone.

    `colour` is that of paper; the screen's stands in charts.css under `--chart-<code>`.
    """

    code: str
    colour: str
    dash: str
    mark: str

    @property
    def fill(self) -> str:
        return "#fff" if self.mark == "hollow" else self.colour


LOOKS = {
    look.code: look
    for look in (
        Look("planned", "#5d6573", "7 4", "hollow"),
        Look("actual", "#3a4bc9", "", "dot"),
        Look("second", "#a85a00", "9 3 2 3", "square"),
        Look("third", "#0f766e", "3 3", "triangle"),
        Look("fourth", "#8b3a8f", "12 4", "diamond"),
        Look("late", "#b42824", "5 3", "cross"),
    )
}
MARKS = {
    "hollow": "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
    "dot": "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
    "square": "m-3.2-3.2h6.4v6.4h-6.4z",
    "triangle": "m0-4l4 7h-8z",
    "diamond": "m0-4.5l4.5 4.5l-4.5 4.5l-4.5-4.5z",
    "cross": "m-3.5-3.5l7 7m0-7l-7 7",
}


@dataclass(frozen=True)
class Series:
    """Figures under one name, one for each label of the chart; None is a gap, never a zero.

    `look`: a key of LOOKS. "planned" and "actual" mean that everywhere, "late" what is in trouble.
    """

    name: str
    values: tuple[Value, ...]
    look: str = "actual"


@dataclass(frozen=True)
class Chart:
    """What a chart shows. `labels` stand below (weeks, departments); `heading` names them.

    `unit` "%" fixes the scale to 0–100; the figures themselves are plain numbers.
    """

    kind: Kind
    title: str
    heading: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""

    @property
    def rows(self) -> list[tuple[str, tuple[Value, ...]]]:
        """The table that says the same: each label with the figure of every series."""
        columns = zip_longest(*(series.values for series in self.series))
        return list(zip(self.labels, columns, strict=False))

    @property
    def is_empty(self) -> bool:
        return not any(value is not None for series in self.series for value in series.values)

    @property
    def data(self) -> dict:
        """What the script draws from."""
        return {
            "kind": self.kind,
            "title": self.title,
            "labels": self.labels,
            "unit": self.unit,
            "series": [
                {"name": s.name, "values": s.values, "look": s.look, "dash": _dashes(s.look)}
                for s in self.series
            ],
        }

    @cached_property
    def drawing(self) -> "Drawing":
        return draw(self)


@dataclass(frozen=True)
class Text:
    x: str
    y: str
    words: str


@dataclass(frozen=True)
class Stroke:
    """One series as drawn: lines broken at its gaps with a mark on each figure, or bars."""

    look: Look
    lines: tuple[str, ...] = ()
    marks: str = ""
    bars: str = ""


@dataclass(frozen=True)
class Sample:
    """A series in the legend: a piece of its line, or of a bar."""

    look: Look
    text: Text
    line: str = ""
    mark: str = ""
    bar: str = ""


@dataclass(frozen=True)
class Drawing:
    """A chart as shapes, every measure a number ready to be written into SVG."""

    size: str
    grid: tuple[str, ...]
    scale: tuple[Text, ...]
    labels: tuple[Text, ...]
    legend: tuple[Sample, ...]
    strokes: tuple[Stroke, ...]


def draw(chart: Chart) -> Drawing:
    """Lays a chart out in a field of WIDTH by HEIGHT."""
    legend, top = _legend(chart)
    steps = _scale(chart)
    field = _Field(chart, top, steps[-1])
    draw_one = field.bars if chart.kind == Kind.BARS else field.line
    return Drawing(
        size=f"0 0 {WIDTH} {HEIGHT}",
        grid=tuple(_n(field.y(step)) for step in steps),
        scale=tuple(
            Text(_n(LEFT - 8), _n(field.y(step) + 4), f"{_n(step)}{chart.unit}") for step in steps
        ),
        labels=tuple(field.labels()),
        legend=tuple(legend),
        strokes=tuple(draw_one(index, series) for index, series in enumerate(chart.series)),
    )


@dataclass(frozen=True)
class _Field:
    """Where figures lie: columns from left to right, zero at the bottom, `highest` at the top."""

    chart: Chart
    top: int
    highest: float

    @property
    def column(self) -> float:
        return (RIGHT - LEFT) / max(len(self.chart.labels), 1)

    @property
    def each(self) -> int:
        """Every how many figures bear a mark: a year of weeks would be a string of beads."""
        return math.ceil(max(len(self.chart.labels), 1) / MOST_MARKS)

    def x(self, index: int) -> float:
        return LEFT + self.column * (index + 0.5)

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - self.top) * value / self.highest

    def labels(self):
        """As many of the labels as there is room for, the first among them."""
        widest = max((text_width(label) for label in self.chart.labels), default=0)
        every = max(math.ceil((widest + SIZE) / self.column), 1)
        for index, label in list(enumerate(self.chart.labels))[::every]:
            yield Text(_n(self.x(index)), _n(BOTTOM + 18), label)

    def line(self, _index: int, series: Series) -> Stroke:
        places = [
            (self.x(i), None if v is None else self.y(v)) for i, v in enumerate(series.values)
        ]
        runs = [list(run) for gap, run in groupby(places, lambda p: p[1] is None) if not gap]
        look = LOOKS[series.look]
        return Stroke(
            look=look,
            lines=tuple(" ".join(f"{_n(x)},{_n(y)}" for x, y in run) for run in runs if run[1:]),
            marks="".join(_mark(look, x, y) for x, y in places[:: self.each] if y is not None),
        )

    def bars(self, index: int, series: Series) -> Stroke:
        width = min(self.column * 0.72 / len(self.chart.series), 36)
        first = -width * len(self.chart.series) / 2 + index * width
        shapes = [
            f"M{_n(self.x(i) + first + 1)} {BOTTOM}V{_n(self.y(v))}h{_n(width - 2)}V{BOTTOM}z"
            for i, v in enumerate(series.values)
            if v is not None
        ]
        return Stroke(look=LOOKS[series.look], bars="".join(shapes))


def _legend(chart: Chart) -> tuple[list[Sample], int]:
    """The samples, in as many lines as they need, and where the field begins below them."""
    samples, x, y = [], LEFT, 14
    sample_width = 12 if chart.kind == Kind.BARS else 28
    for series in chart.series:
        width = sample_width + 8 + text_width(series.name) + 20
        if x > LEFT and x + width > RIGHT:
            x, y = LEFT, y + LEGEND_LINE
        samples.append(_sample(chart.kind, series, x, y, sample_width))
        x += width
    return samples, y + 20


def _sample(kind: Kind, series: Series, x: float, y: float, width: int) -> Sample:
    look = LOOKS[series.look]
    text = Text(_n(x + width + 8), _n(y + 4), series.name)
    if kind == Kind.BARS:
        return Sample(look, bar=f"M{_n(x)} {_n(y - 6)}h12v12h-12z", text=text)
    line = f"{_n(x)},{_n(y)} {_n(x + width)},{_n(y)}"
    return Sample(look, line=line, mark=_mark(look, x + width / 2, y), text=text)


def _scale(chart: Chart) -> list[float]:
    """The figures of the grid, from 0 in even steps to above the highest: 0, 20, 40 …"""
    if chart.unit == "%":
        return [0, 25, 50, 75, 100]
    highest = max((v for s in chart.series for v in s.values if v is not None), default=0)
    step = _round_up(max(highest, 1) / (GRID_LINES - 1))
    return [step * line for line in range(math.ceil(max(highest, 1) / step) + 1)]


def _round_up(step: float) -> float:
    """The next step that people count in: 1, 2, 5, 10, 20 …"""
    power = 10 ** max(math.floor(math.log10(step)), 0)
    return next(n * power for n in (1, 2, 5, 10) if n * power >= step)


def text_width(words: str, size: int = SIZE) -> float:
    """About how wide words are: a Chinese character is as wide as high, others a bit over half."""
    return sum(size if ord(character) > 0x2E7F else size * 0.58 for character in words)


def _mark(look: Look, x: float, y: float) -> str:
    return f"M{_n(x)} {_n(y)}{MARKS[look.mark]}"


def _dashes(look: str) -> list[int]:
    return [int(length) for length in LOOKS[look].dash.split()]


def _n(number: float) -> str:
    """A measure as SVG takes it, whatever the language of the page: at most one decimal."""
    return f"{number:.1f}".removesuffix(".0")
