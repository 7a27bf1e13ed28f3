"""Stored values and their names."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Stage(TextChoices):
    DRAFT = "draft", _("Draft")
    CONSULTATION = "consultation", _("Consultation")
    ASSIGNMENT = "assignment", _("Assignment")
    EXECUTION = "execution", _("In progress")
    REVIEW = "review", _("Review")
    ARCHIVED = "archived", _("Archived")
    CANCELLED = "cancelled", _("Cancelled")


ENDED = (Stage.ARCHIVED, Stage.CANCELLED)


class ResourceKind(TextChoices):
    BUDGET = "budget", _("Budget")
    PEOPLE = "people", _("People")
    TECHNICAL = "technical", _("Technical support")


class Answer(TextChoices):
    PENDING = "pending", _("Not answered yet")
    ACCEPTED = "accepted", _("Accepted")
    COMMENTED = "commented", _("Commented")
    DECLINED = "declined", _("Declined")


class SubtaskState(TextChoices):
    OPEN = "open", _("In progress")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class SupportState(TextChoices):
    ASKED = "asked", _("Asked")
    ACCEPTED = "accepted", _("Accepted")
    RESCHEDULED = "rescheduled", _("Accepted for another date")
    DECLINED = "declined", _("Declined")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")


PROMISED = (SupportState.ACCEPTED, SupportState.RESCHEDULED)
"""Support that another department has promised and not given yet."""
PENDING = (SupportState.ASKED, *PROMISED)
"""Support that waits for its answer or its delivery."""


class Cause(TextChoices):
    """Why a subtask is behind or ahead of its plan (R16)."""

    WAITING = "waiting", _("Waiting for another department")
    REQUIREMENT = "requirement", _("Requirement changed")
    RESOURCES = "resources", _("Too few people or means")
    ESTIMATE = "estimate", _("Estimated too tightly")
    QUALITY = "quality", _("Had to be done again")
    OUTSIDE = "outside", _("Outside factors")
    EASIER = "easier", _("Easier than thought")
    OTHER = "other", _("Something else")
