"""A problem in a closed loop; never without an owner, a next date and an answer (R22)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from issues import policies
from issues.choices import Grade, IssueState
from tasks.models import Subtask, Task
from tasks.models.initiation import TaskPart
from tasks.workflow import WORK_OPEN

PERSON = settings.AUTH_USER_MODEL


class IssueQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The issues of the tasks this person may see (R29)."""
        return self.filter(task__in=Task.objects.visible_to(user))

    def open(self):
        """Everything whose loop is not closed."""
        return self.exclude(state=IssueState.CLOSED)

    def to_pass_up(self, now):
        """Those that nobody acknowledged in time, longest waiting first."""
        return self.filter(pass_up_at__lt=now).order_by("pass_up_at", "pk")


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

    pass_up_at = models.DateTimeField(null=True, editable=False)
    """After this moment the next superior is told; None: somebody acknowledged it, nobody is left
    to be told, or nobody need be."""

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
        indexes = [
            # The minute's run: issues that nobody acknowledged in time. Rows leave it as soon as
            # somebody has, or nobody is left to be told: it holds what waits, not what is stored.
            models.Index(
                fields=["pass_up_at"],
                condition=Q(pass_up_at__isnull=False),
                name="issue_to_pass_up",
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
    def wants_acknowledgement(self):
        """Whether the superiors told of it are to acknowledge it: cross-department and not over."""
        under_way = not self.is_closed and self.task.stage in WORK_OPEN
        return self.grade == Grade.CROSS and under_way

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
