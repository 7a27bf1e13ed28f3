"""Stages 2 and 3: what each department promises, and how far it is."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from tasks.choices import SubtaskState, SupportState
from tasks.models.initiation import Task, TaskPart, WorkItem

PERSON = settings.AUTH_USER_MODEL


class SubtaskQuerySet(models.QuerySet):
    def live(self):
        """Everything that was not cancelled."""
        return self.exclude(state=SubtaskState.CANCELLED)

    def open(self):
        return self.filter(state=SubtaskState.OPEN)


class Subtask(TaskPart):
    """What one department promises, with one responsible person and a due date (R9, R10)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="subtasks")
    work_item = models.ForeignKey(
        WorkItem,
        verbose_name=_("work item"),
        on_delete=models.PROTECT,
        related_name="subtasks",
    )
    department = models.ForeignKey(
        Department,
        verbose_name=_("responsible department"),
        on_delete=models.PROTECT,
        related_name="subtasks",
    )
    name = models.CharField(_("subtask"), max_length=200)
    goal = models.TextField(_("subtask goal"))
    scope = models.CharField(
        _("scope"),
        max_length=300,
        blank=True,
        help_text=_("Which part of the work item, when several departments share it."),
    )
    # Not null, not many-to-many: exactly one first-responsible person (R10, R28).
    owner = models.ForeignKey(
        PERSON,
        verbose_name=_("responsible person"),
        on_delete=models.PROTECT,
        related_name="owned_subtasks",
    )
    helpers = models.ManyToManyField(
        PERSON, verbose_name=_("helpers"), blank=True, related_name="helped_subtasks"
    )
    start_date = models.DateField(_("start"))
    due_date = models.DateField(_("due"))
    state = models.CharField(
        _("status"), max_length=20, choices=SubtaskState, default=SubtaskState.OPEN
    )
    done_at = models.DateTimeField(_("done"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = SubtaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("subtask")
        verbose_name_plural = _("subtasks")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_date__gte=F("start_date")),
                name="subtask_due_after_start",
                violation_error_message=_("The due date must not lie before the start."),
            ),
            models.CheckConstraint(
                condition=(Q(state="done") & Q(done_at__isnull=False))
                | (Q(state__in=["open", "cancelled"]) & Q(done_at=None)),
                name="subtask_done_says_when",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("tasks:subtask_detail", args=[self.pk])


class SupportRequest(models.Model):
    """What a subtask needs from another department, and that department's answer (R9)."""

    subtask = models.ForeignKey(Subtask, on_delete=models.CASCADE, related_name="support_requests")
    department = models.ForeignKey(
        Department,
        verbose_name=_("asked department"),
        on_delete=models.PROTECT,
        related_name="support_requests",
    )
    what = models.CharField(_("support needed"), max_length=300)
    needed_by = models.DateField(_("needed by"))
    asked_at = models.DateTimeField(_("asked"))
    state = models.CharField(
        _("status"), max_length=20, choices=SupportState, default=SupportState.ASKED
    )
    promised_date = models.DateField(_("promised for"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(_("answered"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("support request")
        verbose_name_plural = _("support requests")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "rescheduled", "delivered"])
                | Q(promised_date__isnull=False),
                name="support_promise_has_date",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rescheduled", "declined"]) | ~Q(answer=""),
                name="support_answer_says_why",
                violation_error_message=_("Another date or a refusal needs a reason."),
            ),
        ]
        indexes = [
            # The home page: requests to answer.
            models.Index(fields=["department", "state"], name="support_to_answer"),
        ]

    def __str__(self):
        return self.what

    @property
    def history_task_id(self):
        return self.subtask.task_id


class ProgressUpdate(models.Model):
    """Planned and actual progress of a subtask in one week (R16). One per subtask and week."""

    subtask = models.ForeignKey(Subtask, on_delete=models.CASCADE, related_name="progress")
    week = models.DateField(_("week from Monday"))
    planned = models.PositiveSmallIntegerField(
        _("planned progress"),
        validators=[MaxValueValidator(100)],
        help_text=_("percent"),
    )
    actual = models.PositiveSmallIntegerField(
        _("actual progress"),
        validators=[MaxValueValidator(100)],
        help_text=_("percent"),
    )
    reason = models.TextField(_("reason for the deviation"), blank=True)
    reported_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(_("reported"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("progress update")
        verbose_name_plural = _("progress updates")
        ordering = ["week"]
        constraints = [
            models.UniqueConstraint(fields=["subtask", "week"], name="progress_once_per_week"),
            models.CheckConstraint(
                condition=Q(planned__lte=100, actual__lte=100),
                name="progress_is_percent",
            ),
            models.CheckConstraint(
                condition=Q(planned=F("actual")) | ~Q(reason=""),
                name="progress_deviation_has_reason",
                violation_error_message=_("A deviation, behind or ahead, needs a reason."),
            ),
            models.CheckConstraint(condition=Q(week__week_day=2), name="progress_week_is_monday"),
        ]

    def __str__(self):
        return f"{self.subtask} {self.week} {self.actual}%"

    @property
    def history_task_id(self):
        return self.subtask.task_id


class WeeklySync(TaskPart):
    """The initiating department's roll-up of one week, as it was sent to every head (R17).

    A week without a row has not been sent. What was sent stands.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="weekly_syncs")
    week = models.DateField(_("week from Monday"))
    summary = models.TextField(_("what happened this week"))
    resources_needed = models.TextField(_("resources to be coordinated"), blank=True)
    """Names every subtask that lags, with what it needs from whom."""
    sent_by = models.ForeignKey(
        PERSON, verbose_name=_("sent by"), on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"))
    # Kept from the moment of sending, whatever becomes of the calendar (R17); None = in time.
    late_by = models.DurationField(_("late by"), null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("weekly sync")
        verbose_name_plural = _("weekly syncs")
        ordering = ["week"]
        constraints = [
            # Also the index of a task's weeks, and of the running tasks that lack this week's.
            models.UniqueConstraint(fields=["task", "week"], name="weekly_sync_once_per_week"),
            models.CheckConstraint(
                condition=Q(week__week_day=2), name="weekly_sync_week_is_monday"
            ),
            models.CheckConstraint(
                condition=Q(late_by=None) | Q(late_by__gt=dt.timedelta(0)),
                name="weekly_sync_late_by_something",
            ),
        ]

    def __str__(self):
        return self.week.isoformat()

    def get_absolute_url(self):
        return f"{reverse('tasks:weekly_sync', args=[self.task_id])}?week={self.week}"
