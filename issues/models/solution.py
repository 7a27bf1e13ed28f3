"""The rounds of the loop: measures, one responsible person, a new due date, a result (R21, R22)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from communications.models import Communication
from issues.choices import Result
from issues.models.issue import Issue

PERSON = settings.AUTH_USER_MODEL


class Solution(models.Model):
    """One round of the loop: who solves it by when, and the result (R21, R22)."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="solutions")
    round = models.PositiveSmallIntegerField(_("round"))
    meeting = models.ForeignKey(
        Communication,
        verbose_name=_("coordination meeting"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="solutions",
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("responsible department"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    owner = models.ForeignKey(
        PERSON,
        verbose_name=_("responsible person"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_date = models.DateField(_("new due date"))
    decided_at = models.DateTimeField(_("decided"))
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(_("result"), max_length=20, choices=Result, default=Result.PENDING)
    result_text = models.TextField(_("what came of it"), blank=True)
    next_step = models.TextField(_("next step"), blank=True)
    next_date = models.DateField(_("next step due"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    # The initiating side checked a result said to be solved, and it was not (R23).
    returned_at = models.DateTimeField(_("returned"), null=True)
    returned_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    return_reason = models.TextField(_("why it was returned"), blank=True)

    class Meta:
        verbose_name = _("solution")
        verbose_name_plural = _("solutions")
        ordering = ["round"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "round"], name="solution_once_per_round"),
            models.UniqueConstraint(
                fields=["issue"],
                condition=Q(result="pending"),
                name="solution_one_pending_per_issue",
            ),
            models.CheckConstraint(
                condition=Q(result__in=["pending", "solved"])
                | (Q(result="unsolved", next_date__isnull=False) & ~Q(next_step="")),
                name="solution_unsolved_has_next_step",
                violation_error_message=_("Not solved: a next step with a date is needed."),
            ),
            models.CheckConstraint(
                condition=Q(result="pending", answered_at=None, answered_by=None)
                | Q(
                    result__in=["solved", "unsolved"],
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
                name="solution_answer_says_who",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_by=None, return_reason="")
                | Q(result="unsolved", returned_at__isnull=False, returned_by__isnull=False)
                & ~Q(return_reason=""),
                name="solution_return_says_why",
            ),
        ]

    def __str__(self):
        return f"{self.issue} {self.round}"


class Measure(models.Model):
    """One numbered measure of a solution, with who and when (R21)."""

    solution = models.ForeignKey(Solution, on_delete=models.CASCADE, related_name="measures")
    position = models.PositiveSmallIntegerField()
    what = models.CharField(_("measure"), max_length=300)
    owner = models.ForeignKey(
        PERSON, verbose_name=_("who"), on_delete=models.PROTECT, related_name="+"
    )
    due_date = models.DateField(_("by when"))

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["solution", "position"], name="measure_number_once"),
            models.CheckConstraint(condition=~Q(what=""), name="measure_says_what"),
        ]

    def __str__(self):
        return self.what
