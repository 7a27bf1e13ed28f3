"""Finds wording that nobody could check, where it stands, with a suggestion (R6)."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

WORDS = Path(__file__).with_name("vague_words.toml")

SUGGESTIONS = {
    "time": _("Say by which date."),
    "effect": _("Say by how much, with a number and a unit."),
    "amount": _("Give the number."),
    "duty": _("Say which department and what exactly it does."),
}
# A number in the same clause makes these measurable.
SAVED_BY_A_NUMBER = {"effect", "amount"}
CLAUSE_END = re.compile(r"[，。；！？,;!?\n]|\.(?!\d)")


@dataclass(frozen=True)
class Vague:
    """A vague word at `text[start:end]`, and what to write instead."""

    start: int
    end: int
    word: str
    suggestion: str


def find_vague(text: str) -> list[Vague]:
    """The vague words of a text, in order, not overlapping (the longest wins)."""
    found, offset = [], 0
    for clause in _clauses(text):
        numbered = any(c.isdigit() for c in clause)
        for match in _pattern().finditer(clause):
            kind = match.lastgroup
            if not (numbered and kind in SAVED_BY_A_NUMBER):
                start, end = offset + match.start(), offset + match.end()
                found.append(Vague(start, end, match.group(), SUGGESTIONS[kind]))
        offset += len(clause)
    return found


def _clauses(text):
    """The text in pieces that each end with their punctuation; joined they are the text."""
    start = 0
    for end in CLAUSE_END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


@cache
def _pattern() -> re.Pattern:
    """One expression over all words; a named group says the kind."""
    groups = []
    for kind, words in tomllib.loads(WORDS.read_text(encoding="utf-8")).items():
        english = [rf"\b{re.escape(word)}\b" for word in words["en"]]
        chinese = [re.escape(word) for word in words["zh"]]
        longest_first = sorted(chinese + english, key=len, reverse=True)
        groups.append(f"(?P<{kind}>{'|'.join(longest_first)})")
    return re.compile("|".join(groups), re.IGNORECASE)
