"""Stages 2 and 3: what each department promises, and how far it is."""

import datetime as dt

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department
from tasks import policies
from tasks.choices import Cause, SubtaskState, SupportState
from tasks.models.initiation import Task, TaskPart, WorkItem

PERSON = settings.AUTH_USER_MODEL


class SubtaskQuerySet(models.QuerySet):
    def live(self):
        """Everything that was not cancelled."""
        return self.exclude(state=SubtaskState.CANCELLED)

    def open(self):
        return self.filter(state=SubtaskState.OPEN)

    def with_plan(self):
        """Each with the `steps` of the plan that holds and how often its due date was `moved`;
        both None where nobody planned.
        """
        plans = Plan.objects.filter(subtask=OuterRef("pk")).order_by("-number")
        return self.annotate(
            steps=Subquery(plans.values("weeks")[:1]), moved=Subquery(plans.values("moved")[:1])
        )

    def with_last_report(self):
        """Each with `last_week`, `last_actual` and `last_report` (when it was made) of its latest
        progress update; None where nobody reported.
        """
        last = ProgressUpdate.objects.filter(subtask=OuterRef("pk")).order_by("-week")
        return self.annotate(
            last_week=Subquery(last.values("week")[:1]),
            last_actual=Subquery(last.values("actual")[:1]),
            last_report=Subquery(last.values("reported_at")[:1]),
        )


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
    name = models.CharField(pgettext_lazy("its name", "subtask"), max_length=200)
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
    pauses = models.JSONField(default=list, editable=False)
    """When it had been done and was reopened: [last day, first day] (ISO) each."""
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
        indexes = [
            # Who has how much to do: what a department has open, counted by person and week.
            models.Index(
                fields=["department", "owner", "start_date", "due_date"],
                condition=Q(state="open"),
                name="subtask_open_of_department",
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
    deliverer = models.ForeignKey(
        PERSON,
        verbose_name=_("delivers it"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """Who took the promise over from the person who gave it; None: that person delivers."""
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
    def task(self):
        return self.subtask.task

    @property
    def history_task_id(self):
        return self.subtask.task_id

    @property
    def delivers_id(self):
        """Who has promised it, or has taken the promise over."""
        return self.deliverer_id or self.answered_by_id


class Plan(models.Model):
    """How far a subtask should be at the end of each week, from one moment on (R16).

    The plan with the highest number holds. From the confirmation of the assignment a plan is
    never changed: another one follows it, with a reason.
    """

    subtask = models.ForeignKey(Subtask, on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveSmallIntegerField(_("version"))
    start_date = models.DateField(_("start"))
    due_date = models.DateField(_("due"))
    weeks = models.JSONField(_("planned progress"))
    """{Monday: percent at the end of that week}, every week from the start to the due date."""
    moved = models.PositiveSmallIntegerField(default=0)
    """How often the due date had been moved since it was first planned."""
    reason = models.TextField(_("reason"), blank=True)
    made_by = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["subtask", "number"], name="plan_number_once"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""),
                name="plan_change_says_why",
                violation_error_message=_("Another plan needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(due_date__gte=F("start_date")), name="plan_due_after_start"
            ),
        ]

    def __str__(self):
        return " · ".join(f"{percent}%" for _week, percent in sorted(self.weeks.items()))

    def percent_in(self, week: dt.date) -> int:
        """How far the subtask should be when the week that begins on `week` ends."""
        return policies.planned_in(self.weeks, week)


class ProgressUpdate(models.Model):
    """Planned and actual progress of a subtask in one week (R16). One per subtask and week."""

    subtask = models.ForeignKey(Subtask, on_delete=models.CASCADE, related_name="progress")
    week = models.DateField(_("week from Monday"))
    planned = models.PositiveSmallIntegerField(
        _("planned progress"),
        validators=[MaxValueValidator(100)],
        help_text=_("percent"),
    )
    """As the plan said when it was reported."""
    actual = models.PositiveSmallIntegerField(
        _("actual progress"),
        validators=[MaxValueValidator(100)],
        help_text=_("percent"),
    )
    tolerance = models.PositiveSmallIntegerField(default=0)
    """The deviation that needed no reason when it was reported, in percent points."""
    cause = models.CharField(
        pgettext_lazy("of a deviation", "cause"), max_length=20, choices=Cause, blank=True
    )
    reason = models.TextField(_("reason for the deviation"), blank=True)
    waits_for = models.ForeignKey(
        SupportRequest,
        verbose_name=_("waits for"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """The broken promise of another department that is the cause."""
    expected_finish = models.DateField(_("expected finish"), null=True)
    next_steps = models.CharField(_("next week"), max_length=300, blank=True)
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
                condition=Q(
                    planned__lte=F("actual") + F("tolerance"),
                    actual__lte=F("planned") + F("tolerance"),
                )
                | (~Q(reason="") & ~Q(cause="")),
                name="progress_deviation_has_reason",
                violation_error_message=_("A deviation, behind or ahead, needs a reason."),
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["", *Cause.values]), name="progress_cause_known"
            ),
            models.CheckConstraint(condition=Q(week__week_day=2), name="progress_week_is_monday"),
        ]

    def __str__(self):
        return f"{self.subtask} {self.week} {self.actual}%"

    @property
    def history_task_id(self):
        return self.subtask.task_id

    @property
    def deviation(self) -> int:
        """Percent points ahead of the plan; negative when behind."""
        return self.actual - self.planned
