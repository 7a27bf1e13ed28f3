"""A plan on a line of days: rows in groups, bars, arrows between them. Values in, shapes out.

Places along the line are percentages of its width, so that the drawing fits a screen and a sheet
alike; heights are fixed, so that the names beside it stand in line with the bars.
"""

import datetime as dt
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.formats import date_format

from coordination.charts import text_width
from deadlines.policies import week_of

ROW = 36
BAR = 16
DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(weeks=1)
FAR = 13 * WEEK
"""A today further away than this from all that is planned is said, not drawn."""
SHADED = 26 * WEEK
"""The longest plan whose days off are drawn; beyond it they would be hairlines."""
LABEL, MONTH = 56, 90
"""The room that a date, or a month, needs on the line."""
MOST_WORDS = 0.3
"""Of the width, kept free at the right for the words beside the bars."""


@dataclass(frozen=True)
class Row:
    """One thing that is planned: from its first to its last day, both included.

    `percent` None: nothing was reported. `over` is the last day of what goes on beyond the plan.
    `feeds` is the `key` of the row for which this one is a delivery, on its last day.
    """

    key: str
    group: str
    name: str
    note: str
    link: str
    first: dt.date
    last: dt.date
    look: str
    words: str
    label: str
    percent: int | None = None
    over: dt.date | None = None
    feeds: str = ""
    is_milestone: bool = False


@dataclass(frozen=True)
class Mark:
    """A day on the line, and the words that stand there."""

    x: str
    words: str = ""


@dataclass(frozen=True)
class Band:
    x: str
    width: str


@dataclass(frozen=True)
class Bar:
    """A row as drawn, within its own height."""

    x: str
    width: str
    done: str
    end: str
    over: Band | None
    words_at: str


@dataclass(frozen=True)
class Piece:
    """What of an arrow crosses a row, from one height in it to another."""

    x: str
    start: int
    end: int
    is_tip: bool


@dataclass
class Strip:
    """One line of the drawing: a row with its bar, or the name of a group with how many follow."""

    group: str = ""
    count: int = 0
    row: Row | None = None
    bar: Bar | None = None
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """The whole drawing; `scale` names how wide it must be at the least (charts.css)."""

    scale: str
    strips: list[Strip]
    months: list[Mark]
    days: list[Mark]
    off: list[Band]
    today: Mark | None


@dataclass(frozen=True)
class Line:
    """The days shown, whole weeks from `first` to before `end`, with room for words behind."""

    first: dt.date
    end: dt.date
    room: float = 0.0

    @property
    def length(self) -> dt.timedelta:
        return self.end - self.first

    @property
    def scale(self) -> str:
        if self.length <= 8 * WEEK:
            return "days"
        return "weeks" if self.length <= SHADED else "months"

    @property
    def least_width(self) -> int:
        """In pixels, as charts.css has it."""
        return {"days": 600, "weeks": 840, "months": 1100}[self.scale]

    def share(self, day: dt.date) -> float:
        """Where a day begins, as a share of the width."""
        return (1 - self.room) * ((day - self.first) / self.length)

    def at(self, day: dt.date) -> str:
        return _percent(self.share(day))

    def span(self, first: dt.date, end: dt.date) -> str:
        return _percent(self.share(end) - self.share(first))


def lay_out(rows: Iterable[Row], *, today: dt.date, is_working: Callable) -> Plan | None:
    """The plan drawn; `rows` come in the order of their groups. None when there is nothing."""
    rows = list(rows)
    if not rows:
        return None
    line = _line(rows, today)
    is_near = line.first <= today < line.end
    return Plan(
        scale=line.scale,
        strips=_strips(rows, line),
        months=_months(line),
        days=_days(line),
        off=list(_off(line, is_working)),
        today=Mark(line.at(today)) if is_near else None,
    )


def _line(rows, today) -> Line:
    first = min(row.first for row in rows)
    last = max(row.over or row.last for row in rows)
    if first - FAR <= today <= last + FAR:
        first, last = min(first, today), max(last, today)
    line = Line(week_of(first), week_of(last) + WEEK)
    widest = max(text_width(row.words) for row in rows) + 16
    return Line(line.first, line.end, min(widest / line.least_width, MOST_WORDS))


def _strips(rows, line) -> list[Strip]:
    strips = []
    for name, inside in groupby(rows, lambda row: row.group):
        below = [Strip(row=row, bar=_bar(row, line)) for row in inside]
        strips += [Strip(group=name, count=len(below)), *below]
    _draw_arrows(strips, line)
    return strips


def _bar(row: Row, line: Line) -> Bar:
    end = row.last + DAY
    drawn_until = max(end, row.over + DAY) if row.over else end
    length = line.share(end) - line.share(row.first)
    return Bar(
        x=line.at(row.first),
        width=_percent(length),
        done=_percent(length * (row.percent or 0) / 100),
        end=line.at(end),
        over=Band(line.at(end), line.span(end, drawn_until)) if drawn_until > end else None,
        words_at=line.at(drawn_until),
    )


def _draw_arrows(strips, line) -> None:
    """From each delivery up or down to the bar that waits for it, on the day it is to come."""
    places = {strip.row.key: number for number, strip in enumerate(strips) if strip.row}
    for start, strip in enumerate(strips):
        end = places.get(strip.row.feeds) if strip.row else None
        if end is not None:
            x = line.at(strip.row.last + DAY)
            for number, piece in _pieces(start, end, x):
                strips[number].pieces.append(piece)


def _pieces(start: int, end: int, x: str):
    """(number of the strip, piece) from below or above a milestone to the edge of a bar."""
    down = end > start
    enter, leave = (0, ROW) if down else (ROW, 0)
    yield start, Piece(x, ROW // 2 + (8 if down else -8), leave, is_tip=False)
    for number in range(min(start, end) + 1, max(start, end)):
        yield number, Piece(x, enter, leave, is_tip=False)
    edge = (ROW - BAR) // 2 - 1 if down else (ROW + BAR) // 2 + 1
    yield end, Piece(x, enter, edge, is_tip=True)


def _months(line) -> list[Mark]:
    """The first day shown and the first of every further month, as far as there is room."""
    firsts, month = [line.first], (line.first.replace(day=1) + 31 * DAY).replace(day=1)
    while month < line.end:
        firsts.append(month)
        month = (month + 31 * DAY).replace(day=1)
    shown, width = [], MONTH / line.least_width
    for first in reversed(firsts):
        if not shown or line.share(shown[-1]) - line.share(first) >= width:
            shown.append(first)
    return [Mark(line.at(day), date_format(day, "YEAR_MONTH_FORMAT")) for day in reversed(shown)]


def _days(line) -> list[Mark]:
    """Mondays, every one or every second, fourth … as there is room for their dates."""
    mondays = line.length // WEEK
    width = line.least_width * (1 - line.room) / mondays
    every = 2 ** max(math.ceil(math.log2(LABEL / width)), 0)
    days = [line.first + WEEK * number for number in range(0, mondays, every)]
    return [Mark(line.at(day), date_format(day, "SHORT_DATE_FORMAT")) for day in days]


def _off(line, is_working):
    """The days on which nobody works, put together where they follow one another."""
    if line.length > SHADED:
        return
    days = [line.first + DAY * number for number in range(line.length.days)]
    for off, inside in groupby(days, lambda day: not is_working(day)):
        if off:
            run = list(inside)
            yield Band(line.at(run[0]), line.span(run[0], run[-1] + DAY))


def _percent(share: float) -> str:
    return f"{share * 100:.3f}%"
