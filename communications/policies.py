"""Rules of a log that need only values: how late it is, and whether its text names a result."""

import datetime as dt
import re
import tomllib
from functools import cache
from pathlib import Path

from deadlines.policies import late_by, log_due

WORDS = Path(__file__).with_name("result_words.toml")


def log_late_by(ends_at: dt.datetime, recorded_at: dt.datetime) -> dt.timedelta | None:
    """How long after the 24 hours a log was completed; None when in time (R13, R15)."""
    return late_by(log_due(ends_at), recorded_at)


def to_the_minute(moment: dt.datetime) -> dt.datetime:
    """Talks are kept to the minute, as people enter them."""
    return moment.replace(second=0, microsecond=0)


def is_running_text(conclusions: str, action_items: int) -> bool:
    """Whether a log only tells what was said: no conclusion named and no action agreed (R14)."""
    return not action_items and not _result().search(conclusions)


@cache
def _result() -> re.Pattern:
    """Matches a word that concludes or commits; "not decided" concludes nothing."""
    words = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    chinese = "|".join(re.escape(word) for word in words["zh"])
    english = "|".join(re.escape(word) for word in words["en"])
    return re.compile(
        rf"(?<![未没不无])(?<!没有)(?:{chinese})|(?<!\bnot )(?<!\bno )\b(?:{english})\b",
        re.IGNORECASE,
    )
