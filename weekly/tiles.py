"""The figures of a week as tiles, each with the rows that it counts."""

from dataclasses import dataclass

from weekly.report import Item, Report
from weekly.wording import Figure, figures_of

# In the order of wording.figures_of: where its rows stand on the page, whether any is one too many.
PLACES = (
    ("rows", False),
    ("rows", False),
    ("attention", True),
    ("rows", True),
    ("items", True),
    ("issues", False),
    ("talks", False),
)


@dataclass(frozen=True)
class Tile:
    """A figure, its change from last week, and where the rows behind it stand."""

    figure: Figure
    place: str
    is_bad: bool


def tiles(report: Report) -> list[Tile]:
    """The figures of the week in their order."""
    pairs = zip(figures_of(report), PLACES, strict=True)
    return [
        Tile(figure, place if _is_there(place, report) else "rows", alarms and figure.value != "0")
        for figure, (place, alarms) in pairs
    ]


def _is_there(place, report) -> bool:
    return place != "attention" or bool(report.lagging)


def due_next_week(report: Report) -> list[Item]:
    """Action items still open that are not late."""
    return [item for item in report.items if not item.is_late and item.done_on is None]
