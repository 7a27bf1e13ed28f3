"""Stage 3: what departments said to each other, and what came of it."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, Membership
from deadlines.policies import LOG_WITHIN, log_due
from tasks.models import Task
from tasks.models.initiation import TaskPart

PERSON = settings.AUTH_USER_MODEL


class Purpose(models.TextChoices):
    KICKOFF = "kickoff", _("Kickoff meeting")
    REGULAR = "regular", _("Communication")
    COORDINATION = "coordination", _("Coordination meeting")
    REVIEW = "review", _("Review meeting")


class Method(models.TextChoices):
    MEETING = "meeting", _("Meeting")
    VIDEO = "video", _("Video meeting")
    CALL = "call", _("Phone call")
    CHAT = "chat", _("Instant messages")
    MAIL = "mail", pgettext_lazy("method", "E-mail")


class CommunicationState(models.TextChoices):
    SCHEDULED = "scheduled", _("Scheduled")
    TO_LOG = "to_log", _("Log due")
    LOGGED = "logged", _("Logged")
    CANCELLED = "cancelled", _("Cancelled")


class ActionState(models.TextChoices):
    OPEN = "open", pgettext_lazy("action item", "Open")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


NOT_LOGGED = (CommunicationState.SCHEDULED, CommunicationState.TO_LOG)


class CommunicationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The communications of the tasks this person may see (R29)."""
        return self.filter(task__in=Task.objects.visible_to(user))

    def not_logged(self):
        """Scheduled or ended, but without a log yet."""
        return self.filter(state__in=NOT_LOGGED)

    def to_log(self, now):
        """Ended and without a log: what R13 asks for."""
        return self.not_logged().filter(ends_at__lte=now)

    def late(self, now):
        """Logged late, or not logged and overdue (R15)."""
        overdue = Q(state__in=NOT_LOGGED, ends_at__lt=now - LOG_WITHIN)
        return self.filter(Q(late_by__isnull=False) | overdue)


class Communication(TaskPart):
    """A meeting, call or exchange between departments; logged within 24 hours of its end (R13)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="communications")
    purpose = models.CharField(
        _("occasion"), max_length=20, choices=Purpose, default=Purpose.REGULAR
    )
    method = models.CharField(_("method"), max_length=20, choices=Method, default=Method.MEETING)
    topic = models.CharField(_("topic"), max_length=200)
    place = models.CharField(_("place or link"), max_length=300, blank=True)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    state = models.CharField(_("status"), max_length=20, choices=CommunicationState)
    opened_by = models.ForeignKey(
        PERSON, verbose_name=_("entered by"), on_delete=models.PROTECT, related_name="+"
    )
    # Who must complete the log: a contact of the initiating department, or its initiator (R13).
    keeper = models.ForeignKey(
        PERSON,
        verbose_name=_("keeps the log"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    conclusions = models.TextField(_("key conclusions"), blank=True)
    recorder = models.ForeignKey(
        PERSON,
        verbose_name=_("recorded by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("recorded"), null=True)
    # Kept from the moment of completion, whatever is corrected later (R15); None = in time.
    late_by = models.DurationField(_("late by"), null=True)
    version = models.PositiveIntegerField(default=1)

    objects = CommunicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("communication")
        verbose_name_plural = _("communications")
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gte=F("starts_at")),
                name="communication_ends_after_start",
                violation_error_message=_("The end must not lie before the start."),
            ),
            models.CheckConstraint(
                condition=~Q(state="logged")
                | (~Q(conclusions="") & Q(recorder__isnull=False, recorded_at__isnull=False)),
                name="communication_logged_is_complete",
                violation_error_message=_("A log needs its conclusions."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=CommunicationState.values),
                name="communication_state_known",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values, method__in=Method.values),
                name="communication_choices_known",
            ),
            models.CheckConstraint(
                condition=Q(late_by=None) | Q(state="logged", late_by__gt=dt.timedelta(0)),
                name="communication_late_is_logged_late",
            ),
        ]
        indexes = [
            # A task's communications, newest first.
            models.Index(fields=["task", "-starts_at"], name="communication_of_task"),
        ]

    def __str__(self):
        return self.topic

    def get_absolute_url(self):
        return reverse("communications:communication_detail", args=[self.pk])

    @property
    def log_due_at(self) -> dt.datetime:
        """The moment by which the log must stand: 24 hours after the end (R13)."""
        return log_due(self.ends_at)

    def may_be_logged(self, now) -> bool:
        """It has begun and has no log; whether it has ended, the log itself says."""
        return self.state in NOT_LOGGED and self.starts_at <= now

    def state_at(self, now) -> CommunicationState:
        """Where it stands: a scheduled one that has ended waits for its log, untouched by a job."""
        if self.state == CommunicationState.SCHEDULED and self.ends_at <= now:
            return CommunicationState.TO_LOG
        return CommunicationState(self.state)


class Participant(models.Model):
    """Department and name, as the form has it; an account where there is one (R14)."""

    communication = models.ForeignKey(
        Communication, on_delete=models.CASCADE, related_name="participants"
    )
    position = models.PositiveSmallIntegerField()
    department = models.ForeignKey(
        Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    department_name = models.CharField(_("department"), max_length=100)
    user = models.ForeignKey(
        PERSON, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["communication", "user"],
                condition=Q(user__isnull=False),
                name="participant_once",
            ),
        ]

    def __str__(self):
        return f"{self.department_name} {self.name}"


class ActionItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(task__in=Task.objects.visible_to(user))

    def open(self):
        return self.filter(state=ActionState.OPEN)

    def with_owners(self):
        """Each with its owner and the name of the owner's main department, in one statement."""
        main = Membership.objects.filter(user=OuterRef("owner"), is_main=True)
        return self.select_related("owner").annotate(
            owner_department=Subquery(main.values("department__name")[:1])
        )


class ActionItem(TaskPart):
    """Who does what by when, agreed in a communication (R14); exactly one person (R28)."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="action_items")
    communication = models.ForeignKey(
        Communication, on_delete=models.CASCADE, related_name="action_items"
    )
    position = models.PositiveSmallIntegerField()
    what = models.CharField(_("what"), max_length=300)
    owner = models.ForeignKey(
        PERSON,
        verbose_name=_("who"),
        on_delete=models.PROTECT,
        related_name="action_items",
    )
    due_date = models.DateField(_("by when"))
    state = models.CharField(
        _("status"), max_length=20, choices=ActionState, default=ActionState.OPEN
    )
    done_at = models.DateTimeField(_("done"), null=True)
    result = models.CharField(_("result"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ActionItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("action item")
        verbose_name_plural = _("action items")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(state="done") & Q(done_at__isnull=False))
                | (Q(state__in=["open", "cancelled"]) & Q(done_at=None)),
                name="action_item_done_says_when",
            ),
            models.CheckConstraint(condition=~Q(what=""), name="action_item_says_what"),
        ]

    def __str__(self):
        return self.what
