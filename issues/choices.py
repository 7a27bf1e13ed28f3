"""Stored values and their names."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Grade(TextChoices):
    GENERAL = "general", _("General")
    CROSS = "cross", _("Cross-department")


class IssueState(TextChoices):
    OPEN = "open", _("Solution wanted")
    SOLVING = "solving", _("Being solved")
    ANSWERED = "answered", _("Solved, to be checked")
    CLOSED = "closed", _("Closed")


class Superior(TextChoices):
    """As what somebody was told of a cross-department issue (R20)."""

    HEAD = "head", _("Head of the initiating department")
    SENIOR = "senior", _("Senior manager")
    NEXT = "next", _("Next superior")

    @property
    def because(self):
        """Why somebody in this place was told."""
        return _("Nobody acknowledged in time") if self == self.NEXT else _("Reported upwards")


class Result(TextChoices):
    PENDING = "pending", _("Not known yet")
    SOLVED = "solved", _("Solved")
    UNSOLVED = "unsolved", _("Not solved")
