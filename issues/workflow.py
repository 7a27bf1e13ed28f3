"""The closed loop: act → (from, to). Nothing else moves an issue (R22, R23)."""

from issues.choices import IssueState

TRANSITIONS = {
    "record_solution": ((IssueState.OPEN,), IssueState.SOLVING),
    "answer_solved": ((IssueState.SOLVING,), IssueState.ANSWERED),
    "answer_unsolved": ((IssueState.SOLVING,), IssueState.OPEN),
    "close": ((IssueState.ANSWERED,), IssueState.CLOSED),
    "return": ((IssueState.ANSWERED,), IssueState.OPEN),
}

UNSETTLED = (IssueState.OPEN, IssueState.SOLVING, IssueState.ANSWERED)

# In which states an act has its place; the permission table has the same words.
PLACES = {
    "edit": UNSETTLED,
    "attempt": UNSETTLED,
    "grade": UNSETTLED,
    # A report that was forgotten is made up for even after closing: late, but made (R20).
    "report": (*UNSETTLED, IssueState.CLOSED),
    "solve": TRANSITIONS["record_solution"][0],
    "answer": TRANSITIONS["answer_solved"][0],
    "close": TRANSITIONS["close"][0],
    "return": TRANSITIONS["return"][0],
}
