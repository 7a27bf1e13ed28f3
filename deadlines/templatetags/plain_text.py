"""Plain text as mail programs show it: short lines, no stray blank ones."""

import re
import unicodedata

from django import template

register = template.Library()

WIDTH = 76
# What a line may end after: a Chinese character with its punctuation, or a whole word, since an
# address that is broken leads nowhere.
PIECES = re.compile(
    r"[（《「【]*[\u2e80-\uffef][，。、；：！？）》」】]*|[^\s\u2e80-\uffef]+[，。、；：！？）》」】]*|\s+"
)


@register.filter
def paragraph(block: str) -> str:
    """The lines of a template's block, each wrapped, without the empty ones."""
    lines = filter(None, (line.strip() for line in block.splitlines()))
    return "\n".join(piece for line in lines for piece in wrapped(line))


def wrapped(line: str) -> list[str]:
    """A line in pieces that fit a window of plain text, where Chinese takes twice the width."""
    lines = [""]
    for piece in PIECES.findall(line):
        if lines[-1] and columns(lines[-1] + piece.rstrip()) > WIDTH:
            lines.append("")
        lines[-1] += piece if lines[-1] or piece.strip() else ""
    return [found.rstrip() for found in lines if found.strip()]


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@register.filter
def one_line(text: str) -> str:
    """What people typed, so that nothing in it looks like a line of ours."""
    return " ".join(str(text).split())
