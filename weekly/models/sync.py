"""A week of a task, the reports that went out about it, and who has read them (R17)."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from tasks.models import Task
from tasks.models.initiation import TaskPart

PERSON = settings.AUTH_USER_MODEL


class WeeklySync(TaskPart):
    """One week of a task, opened when it begins (R17).

    Without `sent_at` the initiating department has not sent it, whatever the system has issued.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="weekly_syncs")
    week = models.DateField(_("week from Monday"))
    sent_by = models.ForeignKey(
        PERSON, verbose_name=_("sent by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"), null=True)
    # Kept from the moment of sending, whatever becomes of the calendar (R17); None = in time.
    late_by = models.DurationField(_("late by"), null=True)
    issue_at = models.DateTimeField(null=True, editable=False)
    """When the next version goes out by itself: at noon on Monday, or after late input; None:
    nothing waits."""

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
                condition=Q(late_by=None) | Q(late_by__gt=dt.timedelta(0), sent_at__isnull=False),
                name="weekly_sync_late_by_something",
            ),
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None)
                | Q(sent_at__isnull=False, sent_by__isnull=False),
                name="weekly_sync_sent_says_who",
            ),
        ]
        indexes = [
            # The minute's run: weeks of which a version is to go out.
            models.Index(
                fields=["issue_at"],
                condition=Q(issue_at__isnull=False),
                name="weekly_sync_to_issue",
            ),
        ]

    def __str__(self):
        return self.week.isoformat()

    def get_absolute_url(self):
        return f"{reverse('weekly:week', args=[self.task_id])}?week={self.week}"

    @property
    def sunday(self) -> dt.date:
        return self.week + dt.timedelta(days=6)


class WeeklyReport(models.Model):
    """One version of a week's report, as it went out. Rows are only ever added."""

    class Occasion(models.TextChoices):
        SENT = "sent", _("sent by the initiating department")
        NOON = "noon", _("issued at noon, not sent by the initiating department")
        LATE_INPUT = "late_input", _("issued again after late input")
        CORRECTED = "corrected", _("corrected by the initiating department")

    sync = models.ForeignKey(WeeklySync, on_delete=models.CASCADE, related_name="reports")
    number = models.PositiveSmallIntegerField(_("version"))
    occasion = models.CharField(_("occasion"), max_length=20, choices=Occasion)
    issued_at = models.DateTimeField(_("issued"))
    issued_by = models.ForeignKey(
        PERSON, verbose_name=_("issued by"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("reason"), blank=True)
    content = models.JSONField(_("content"))
    """The week as it stood then (weekly.report.Report)."""

    class Meta:
        verbose_name = _("weekly report")
        verbose_name_plural = _("weekly reports")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sync", "number"], name="weekly_report_number_once"),
            models.CheckConstraint(
                condition=Q(occasion__in=["sent", "corrected"], issued_by__isnull=False)
                | Q(occasion__in=["noon", "late_input"], issued_by=None),
                name="weekly_report_says_who",
            ),
            models.CheckConstraint(
                condition=~Q(occasion="corrected") | ~Q(reason=""),
                name="weekly_report_correction_says_why",
            ),
        ]

    def __str__(self):
        return f"{self.sync} v{self.number}"

    def get_absolute_url(self):
        return f"{self.sync.get_absolute_url()}&version={self.number}"

    @property
    def history_task_id(self):
        return self.sync.task_id


class Reading(models.Model):
    """A department head to whom a version went out, and whether it was read."""

    report = models.ForeignKey(WeeklyReport, on_delete=models.CASCADE, related_name="readings")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(
        PERSON, verbose_name=_("department head"), on_delete=models.PROTECT, related_name="readings"
    )
    read_at = models.DateTimeField(_("read"), null=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "reader"], name="reading_once"),
        ]
        indexes = [
            # The home page: reports to read, latest first.
            models.Index(
                fields=["reader", "-id"], condition=Q(read_at=None), name="reading_not_read"
            ),
        ]

    def __str__(self):
        return f"{self.report} {self.reader}"

    @property
    def task(self):
        return self.report.sync.task

    @property
    def history_task_id(self):
        return self.report.history_task_id
