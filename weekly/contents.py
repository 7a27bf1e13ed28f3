"""What a version of a weekly report says, for the mail and for paper alike."""

from weekly.attention import attention
from weekly.models import WeeklyReport
from weekly.report import corrections, read
from weekly.wording import corrected, edition, figures_of, shifts, span, words_corrected


def contents(version: WeeklyReport, before: WeeklyReport | None) -> dict:
    """All that a version says, in the active language: the context of its templates.

    `before` is the version that it follows.
    """
    report = read(version.content)
    old = read(before.content) if before else None
    return {
        "version": version,
        "edition": edition(version),
        "report": report,
        "days": span(report.week, report.sunday),
        "before": before,
        "corrected": corrected(corrections(old, report)) if old else [],
        "words_corrected": words_corrected(old, report) if old else [],
        "attention": attention(report),
        "figures": figures_of(report),
        "shifts": shifts(report.changes),
        "problems": [problem for problem in report.problems if problem.closed_on is None],
        "items": [item for item in report.items if item.done_on is None],
    }
