"""How a task moves through its stages: act → (from, to). Nothing else moves it."""

from tasks.choices import Stage

TRANSITIONS = {
    "submit": ((Stage.DRAFT,), Stage.CONSULTATION),
    "discard": ((Stage.DRAFT,), Stage.CANCELLED),
    "open_assignment": ((Stage.CONSULTATION,), Stage.ASSIGNMENT),
    "confirm": ((Stage.ASSIGNMENT,), Stage.EXECUTION),
    "finish": ((Stage.EXECUTION,), Stage.REVIEW),
    "resume": ((Stage.REVIEW,), Stage.EXECUTION),
    "archive": ((Stage.REVIEW,), Stage.ARCHIVED),
    "cancel": (
        (Stage.CONSULTATION, Stage.ASSIGNMENT, Stage.EXECUTION, Stage.REVIEW),
        Stage.CANCELLED,
    ),
}

# Stages in which the requirement, the assignment and the daily work may be changed.
REQUIREMENT_OPEN = (Stage.CONSULTATION, Stage.ASSIGNMENT, Stage.EXECUTION)
ASSIGNMENT_OPEN = (Stage.ASSIGNMENT, Stage.EXECUTION)
# Talks happen from the first day on: the kickoff is one of them.
SHARED = (Stage.CONSULTATION, Stage.ASSIGNMENT, Stage.EXECUTION, Stage.REVIEW)
# Everything that has not ended.
CHANGEABLE = (Stage.DRAFT, *SHARED)
WORK_OPEN = (Stage.EXECUTION, Stage.REVIEW)
