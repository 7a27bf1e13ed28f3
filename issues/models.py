"""Stage 4: problems in a closed loop; never without an owner, a next date and an answer (R22)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from communications.models import Communication
from issues import policies
from issues.choices import Grade, IssueState, Result
from tasks.models import Subtask, Task
from tasks.models.initiation import TaskPart

PERSON = settings.AUTH_USER_MODEL


class IssueQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The issues of the tasks this person may see (R29)."""
        return self.filter(task__in=Task.objects.visible_to(user))

    def open(self):
        """Everything whose loop is not closed."""
        return self.exclude(state=IssueState.CLOSED)


class Issue(TaskPart):
    """A problem of a task: description, cause, what was tried, and the way to its closing."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="issues")
    position = models.PositiveSmallIntegerField(_("number"))
    subtask = models.ForeignKey(
        Subtask,
        verbose_name=_("subtask"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="issues",
    )
    description = models.TextField(_("description"))
    cause = models.TextField(_("cause"))
    occurred_at = models.DateTimeField(_("time of occurrence"))
    recorded_at = models.DateTimeField(_("recorded"))
    recorded_by = models.ForeignKey(
        PERSON,
        verbose_name=_("recorded by"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("responsible department"),
        on_delete=models.PROTECT,
        related_name="issues",
    )
    owner = models.ForeignKey(
        PERSON,
        verbose_name=_("responsible person"),
        on_delete=models.PROTECT,
        related_name="owned_issues",
    )
    # The two questions that grade it (R20).
    needs_other_departments = models.BooleanField(
        _("Does it need another department's resources?"), default=False
    )
    affects_finish = models.BooleanField(_("Does it affect the overall finish?"), default=False)
    grade = models.CharField(_("grade"), max_length=20, choices=Grade)
    reported_at = models.DateTimeField(_("reported upwards"), null=True)
    # How long after the 24 hours it was reported; kept for ever (R20). None = in time or general.
    reported_late_by = models.DurationField(_("reported late by"), null=True)

    state = models.CharField(
        _("status"), max_length=20, choices=IssueState, default=IssueState.OPEN
    )
    # The date of the next answer: of the first solution wanted, the solution, or the next step.
    next_date = models.DateField(_("next date"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="issue_number_once"),
            models.CheckConstraint(
                condition=~Q(description="") & ~Q(cause=""),
                name="issue_says_what_and_why",
                violation_error_message=_("An issue needs its description and its cause."),
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("occurred_at")),
                name="issue_recorded_after_it_occurred",
                violation_error_message=_("An issue cannot be recorded before it occurs."),
            ),
            models.CheckConstraint(
                condition=Q(grade="cross")
                & (Q(needs_other_departments=True) | Q(affects_finish=True))
                | Q(grade="general", needs_other_departments=False, affects_finish=False),
                name="issue_grade_follows_questions",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False, closed_by__isnull=False)
                | (Q(state__in=["open", "solving", "answered"]) & Q(closed_at=None)),
                name="issue_closed_says_who",
            ),
            models.CheckConstraint(
                condition=Q(reported_late_by=None) | Q(reported_at__isnull=False),
                name="issue_late_report_says_when",
            ),
        ]

    def __str__(self):
        return self.description[:80]

    def get_absolute_url(self):
        return reverse("issues:issue_detail", args=[self.pk])

    @property
    def is_closed(self):
        return self.state == IssueState.CLOSED

    @property
    def must_report(self):
        """Whether it still has to be reported upwards (R20)."""
        return self.grade == Grade.CROSS and self.reported_at is None

    @property
    def report_due(self):
        return policies.report_due(self.occurred_at)

    @property
    def last_solution(self):
        """The latest round of the loop; None before the first solution."""
        return max(self.solutions.all(), key=lambda solution: solution.round, default=None)

    @property
    def responsible(self):
        """Who works on it now: the owner of the running solution, else the issue's owner (R22)."""
        solving = self.state in (IssueState.SOLVING, IssueState.ANSWERED)
        return self.last_solution.owner if solving else self.owner


class Attempt(models.Model):
    """Something that was tried before the solution."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="attempts")
    description = models.TextField(_("what was tried"))
    at = models.DateTimeField(_("entered"))
    by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(description=""), name="attempt_says_what"),
        ]

    def __str__(self):
        return self.description[:80]


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
