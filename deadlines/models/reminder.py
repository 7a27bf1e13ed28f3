"""What people are told: steps of ladders, and changes. Each once (R30)."""

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL


class Role(models.TextChoices):
    """Why a reminder comes to a person: the line from the owner upwards, and stand-ins (R30)."""

    OWNER = "owner", _("responsible person")
    CONTACT = "contact", _("contact")
    HEAD = "head", _("department head")
    SENIOR = "senior", _("senior manager")
    STAND_IN = "stand_in", _("stand-in")


class ReminderQuerySet(models.QuerySet):
    def last_steps(self):
        """Without the earlier ones where a message tells several steps of one deadline."""
        later = Q(moment__gt=OuterRef("moment")) | Q(
            moment=OuterRef("moment"), pk__gt=OuterRef("pk")
        )
        others = Reminder.objects.filter(
            later, message=OuterRef("message"), deadline=OuterRef("deadline")
        )
        return self.filter(~Exists(others))

    def with_words(self):
        """With all that is said of them."""
        return self.select_related("deadline__owner", "deadline__department", "on_behalf_of")


class Reminder(models.Model):
    """One step of a deadline's ladder, told to one person. Evidence: kept as long as the task."""

    deadline = models.ForeignKey(
        "deadlines.Deadline", on_delete=models.CASCADE, related_name="reminders"
    )
    step = models.CharField(_("step"), max_length=20)
    """The step as its ladder writes it, e.g. `-4h`, `0m`, `+1w@09:00` (policies.Step.code)."""
    moment = models.DateTimeField(_("moment"))
    """When it was to be told; `created_at` is when the sweep told it."""
    role = models.CharField(_("told as"), max_length=10, choices=Role, default=Role.OWNER)
    on_behalf_of = models.ForeignKey(PERSON, null=True, on_delete=models.PROTECT, related_name="+")
    """Who is absent, when the person stands in for somebody."""
    recipient = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, related_name="reminders", db_index=False
    )
    message = models.ForeignKey(
        "deadlines.Message", on_delete=models.PROTECT, related_name="reminders", db_index=False
    )
    created_at = models.DateTimeField(_("created"))

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            # Each goes out once (R30), whoever sweeps and however often.
            models.UniqueConstraint(
                fields=["deadline", "step", "recipient"], name="reminder_once_per_step"
            ),
        ]
        indexes = [
            # A person's messages that tell of duties, newest first.
            models.Index(fields=["recipient", "-message"], name="reminder_of_person"),
            # What a message tells, and of one deadline only the last step.
            models.Index(fields=["message", "deadline"], name="reminder_of_message"),
        ]

    def __str__(self):
        return f"{self.deadline} {self.step}"


class Notice(models.Model):
    """A change told to a person it concerns (R12): one history entry, one person."""

    recipient = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, related_name="notices", db_index=False
    )
    event = models.ForeignKey("audit.Event", on_delete=models.PROTECT, related_name="notices")
    message = models.ForeignKey(
        "deadlines.Message", on_delete=models.PROTECT, related_name="notices"
    )
    context = models.CharField(_("task"), max_length=300, blank=True)
    link = models.CharField(_("address"), max_length=300)
    required = models.BooleanField(default=False)
    """Mailed also to those who want no mail about changes."""
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "event"], name="notice_once_per_event"),
        ]
        indexes = [
            # A person's messages that tell of changes, newest first.
            models.Index(fields=["recipient", "-message"], name="notice_of_person"),
            # The first page: what changed since the person was last there.
            models.Index(fields=["recipient", "created_at"], name="notice_since"),
        ]

    def __str__(self):
        return f"{self.recipient} {self.event}"
