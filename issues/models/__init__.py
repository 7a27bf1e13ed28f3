from issues.choices import Grade, IssueState, Result, Superior
from issues.models.escalation import Escalation
from issues.models.issue import Attempt, Issue
from issues.models.solution import Measure, Solution

__all__ = [
    "Attempt",
    "Escalation",
    "Grade",
    "Issue",
    "IssueState",
    "Measure",
    "Result",
    "Solution",
    "Superior",
]
