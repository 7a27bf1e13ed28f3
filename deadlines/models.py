"""What is owed, by whom, by when; and the mails that say so. Knows no task and no issue."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL


class DeadlineQuerySet(models.QuerySet):
    def open(self):
        return self.filter(settled_at=None)

    def owed_by(self, user):
        """What a person owes, most urgent first."""
        return self.open().filter(owner=user).order_by("due_at", "pk")

    def overdue(self, now):
        return self.open().filter(due_at__lt=now)

    def to_remind(self, now):
        """Open ones with a step of their ladder whose moment has come, longest waiting first."""
        return self.open().filter(next_at__lte=now).order_by("next_at", "pk")

    def of(self, subject):
        return self.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)


class Deadline(models.Model):
    """One person owes one thing by one moment. A moved deadline is settled and opened anew."""

    class Settled(models.TextChoices):
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        MOVED = "moved", _("moved")

    kind = models.CharField(_("kind"), max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    task_id = models.BigIntegerField(_("task"), null=True)
    owner = models.ForeignKey(
        PERSON,
        verbose_name=_("owed by"),
        on_delete=models.PROTECT,
        related_name="deadlines",
    )
    # What people read, kept with the row so that a list of duties is one indexed query.
    what = models.CharField(_("what"), max_length=300)
    context = models.CharField(_("task"), max_length=300, blank=True)
    link = models.CharField(_("address"), max_length=300)
    """Path of the exact form that settles it."""

    due_at = models.DateTimeField(_("due"))
    opened_at = models.DateTimeField(_("opened"))
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_how = models.CharField(_("how"), max_length=10, choices=Settled, blank=True)
    next_at = models.DateTimeField(_("next reminder"), null=True)
    """When the sweep must look at it again; None when its ladder is used up."""

    objects = DeadlineQuerySet.as_manager()

    class Meta:
        verbose_name = _("deadline")
        verbose_name_plural = _("deadlines")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_type", "subject_id"],
                condition=Q(settled_at=None),
                name="deadline_one_open_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_how="")
                | Q(
                    settled_at__isnull=False,
                    settled_how__in=["done", "cancelled", "moved"],
                ),
                name="deadline_settled_says_how",
            ),
        ]
        indexes = [
            # The minute sweep: open rows whose next reminder's moment has come.
            models.Index(
                fields=["next_at"],
                condition=Q(settled_at=None),
                name="deadline_next_reminder",
            ),
            # The home page: what I owe, by due moment.
            models.Index(
                fields=["owner", "due_at"],
                condition=Q(settled_at=None),
                name="deadline_owed_by",
            ),
            # A task's page and its closing: what is still open in it.
            models.Index(
                fields=["task_id", "due_at"],
                condition=Q(settled_at=None),
                name="deadline_of_task",
            ),
        ]

    def __str__(self):
        return self.what


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; for a system administrator all (their words are another question)."""
        return self if user.is_staff else self.filter(recipient=user)

    def waiting(self):
        return self.filter(state__in=Message.WAITING)

    def to_deliver(self, now):
        """What may be claimed: queued and due, or claimed by a process whose lease has ended."""
        return self.waiting().filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")

    def claim(self, message, *, now, lease) -> bool:
        """Takes a message by compare-and-swap; of two deliveries one gets it, and counts it."""
        claimed = (
            self.to_deliver(now)
            .filter(pk=message.pk, attempts=message.attempts)
            .order_by()
            .update(
                state=Message.State.SENDING,
                attempts=message.attempts + 1,
                next_attempt_at=now + lease,
            )
        )
        return claimed == 1


class Message(models.Model):
    """A mail to one person, waiting, being sent, or sent (outbox)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class Withdrawn(models.TextChoices):
        """Why a message was cancelled: kept in `last_error`."""

        INACTIVE = "inactive", _("The person is no longer active.")
        NO_ADDRESS = "no_address", _("The person has no mail address.")
        SETTLED = "settled", _("It was settled before the mail left.")
        NOT_VISIBLE = "not_visible", _("The person may not see the task.")

    WAITING = (State.QUEUED, State.SENDING)

    recipient = models.ForeignKey(
        PERSON, verbose_name=_("to"), on_delete=models.PROTECT, related_name="messages"
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField(_("created"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True)
    """For a message being sent: the end of the lease, when it may be claimed again."""
    sent_at = models.DateTimeField(_("sent"), null=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    # What the person was sent, word for word; empty until then.
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            # Whatever waits has a moment at which it is tried: nothing is ever forgotten.
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending"], next_attempt_at__isnull=False)
                | Q(state__in=["sent", "failed", "cancelled"], next_attempt_at=None),
                name="message_waiting_has_next_attempt",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | (~Q(state="sent") & Q(sent_at=None)),
                name="message_sent_says_when",
            ),
        ]
        indexes = [
            # Delivery: what may be claimed now.
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state__in=["queued", "sending"]),
                name="message_to_deliver",
            ),
            # A person's own messages, newest first.
            models.Index(fields=["recipient", "-id"], name="message_of_person"),
            # The administrators' page: what failed.
            models.Index(fields=["-id"], condition=Q(state="failed"), name="message_failed"),
        ]

    def __str__(self):
        return str(self.recipient)

    @property
    def history_task_id(self):
        return None

    @property
    def message_id(self) -> str:
        """The same for every attempt, so that a repeated mail is recognisable."""
        host = urlsplit(settings.SITE_URL).hostname
        return f"<{self.pk}.{self.created_at:%Y%m%d%H%M%S%f}@{host}>"

    @property
    def error_words(self) -> str:
        """Why it was cancelled in the reader's language, or what the mail server said."""
        reasons = dict(self.Withdrawn.choices)
        return str(reasons.get(self.last_error, self.last_error))


class Reminder(models.Model):
    """One step of a deadline's ladder, told to one person. Evidence: kept as long as the task."""

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="reminders")
    step = models.CharField(_("step"), max_length=20)
    recipient = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="reminders")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="reminders")
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            # Each goes out once (R30), whoever sweeps and however often.
            models.UniqueConstraint(
                fields=["deadline", "step", "recipient"], name="reminder_once_per_step"
            ),
        ]

    def __str__(self):
        return f"{self.deadline} {self.step}"


class Notice(models.Model):
    """A change told to a person it concerns (R12): one history entry, one person."""

    recipient = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="notices")
    event = models.ForeignKey("audit.Event", on_delete=models.PROTECT, related_name="notices")
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="notices")
    context = models.CharField(_("task"), max_length=300, blank=True)
    link = models.CharField(_("address"), max_length=300)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["recipient", "event"], name="notice_once_per_event"),
        ]
        indexes = [
            # What was told to a person, newest first.
            models.Index(fields=["recipient", "-id"], name="notice_of_person"),
        ]

    def __str__(self):
        return f"{self.recipient} {self.event}"
