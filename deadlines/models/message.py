"""The mails that tell people, waiting, being sent or sent (outbox)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

PERSON = settings.AUTH_USER_MODEL


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own; for a system administrator all (their words are another question)."""
        return self if user.is_staff else self.filter(recipient=user)

    def not_seen_by(self, user):
        """What a person has not yet had before their eyes under the bell."""
        return self.filter(recipient=user, seen_at=None)

    def waiting(self):
        """Queued or being sent. Asked by the moment of the next attempt, which only they have:
        SQLite uses no partial index on a list of states.
        """
        return self.filter(next_attempt_at__isnull=False)

    def failed(self):
        return self.filter(state=Message.State.FAILED)

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
        SUPERSEDED = "superseded", _("A newer version went out instead.")
        SWITCHED_OFF = (
            "switched_off",
            _("The person wants no mail about changes; they stand under the bell."),
        )

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
    stands_alone = models.BooleanField(default=False)
    """A letter, such as a weekly report: nothing else joins it."""
    seen_at = models.DateTimeField(_("seen"), null=True)
    """When the person had it before their eyes under the bell."""

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
                condition=Q(next_attempt_at__isnull=False),
                name="message_to_deliver",
            ),
            # A person's own messages, newest first.
            models.Index(fields=["recipient", "-id"], name="message_of_person"),
            # The number at the bell, and what is new under it, newest first.
            models.Index(
                fields=["recipient", "-id"], condition=Q(seen_at=None), name="message_not_seen"
            ),
            # The administrators' pages: what failed, what was cancelled, what left since yesterday.
            models.Index(fields=["-id"], condition=Q(state="failed"), name="message_failed"),
            models.Index(fields=["-id"], condition=Q(state="cancelled"), name="message_cancelled"),
            models.Index(
                fields=["sent_at"], condition=Q(sent_at__isnull=False), name="message_sent_at"
            ),
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
