"""The fonts of the PDF, and which characters they can show."""

import unicodedata
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from coordination.errors import DomainError

FOLDER = Path(__file__).parent / "fonts"
# Regular and bold show the same characters; no Chinese font has ☐ and ☑.
TEXT = "NotoSansSC-Regular.ttf"
BOLD = "NotoSansSC-Bold.ttf"
SYMBOLS = "NotoSansSymbols2-Regular.ttf"
FILES = (TEXT, BOLD, SYMBOLS)
NAMED_AT_MOST = 10


class CharacterMissing(DomainError):
    """Some characters would be printed as empty boxes."""

    code = "character_missing"
    message = _(
        "The PDF has no glyph for: %(characters)s. Replace them, or take the Excel file: "
        "it uses the fonts of your computer."
    )


def require_glyphs(texts) -> None:
    """Raises CharacterMissing naming each character and where it stands; texts are (where, text).

    Line breaks and tabs need no glyph.
    """
    missing = {}
    for where, text in texts:
        for character in set(text) - covered():
            missing.setdefault(character, where)
    if missing:
        named = [
            f"{character!r} (U+{ord(character):04X}, {where})"
            for character, where in sorted(missing.items())[:NAMED_AT_MOST]
        ]
        raise CharacterMissing(CharacterMissing.message % {"characters": "; ".join(named)})


def spelled_out(text: str) -> str:
    """The text with each character that would be an empty box by its name: "[GRINNING FACE]"; for
    what can no longer be changed and is to be printed all the same.
    """
    return "".join(c if c in covered() else _name(c) for c in text)


def _name(character: str) -> str:
    """ "" for what has no look of its own, such as the joiners between emoji."""
    if unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me"):
        return ""
    return f"[{unicodedata.name(character, f'U+{ord(character):04X}')}]"


@cache
def covered() -> frozenset[str]:
    from fontTools.ttLib import TTFont

    codes = {code for name in (TEXT, SYMBOLS) for code in TTFont(FOLDER / name).getBestCmap()}
    return frozenset(map(chr, codes)) | frozenset("\n\r\t")
