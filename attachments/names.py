"""What a file is called: the name as given, without what could mislead or harm."""

import unicodedata

LONGEST = 120
# Control characters, those that turn the direction of writing or cannot be seen, halves of
# characters, ends of lines.
NOT_IN_NAMES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
NOT_IN_FILES = set('<>:"|?*')


def clean_name(given: str) -> str:
    """The last part of a path, in one line, at most 120 characters, its ending kept."""
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rsplit("/", 1)[-1])
    kept = "".join(_kept(char) for char in name)
    stem, dot, ending = " ".join(kept.split()).strip(". ").rpartition(".")
    stem = (stem if dot else ending).rstrip(". ") or "_"
    ending = ending.strip()[:10] if dot else ""
    return stem[: LONGEST - len(ending) - 1] + (f".{ending}" if ending else "")


def ending_of(name: str) -> str:
    """What stands behind the last dot, in lower case."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def _kept(char: str) -> str:
    if char in NOT_IN_FILES:
        return "_"
    return " " if char in "\t\n\r" else "" if unicodedata.category(char) in NOT_IN_NAMES else char
