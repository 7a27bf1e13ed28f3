"""What happened, for ever; and which forms were already sent. Imports no other app."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class EventQuerySet(models.QuerySet):
    def of_task(self, task_id):
        return self.filter(task_id=task_id).order_by("-pk")

    def about(self, row):
        """The history of one row, newest first."""
        return self.filter(subject_type=row._meta.label_lower, subject_id=row.pk).order_by("-pk")


class Event(models.Model):
    """One act of one person on one thing. Rows are only ever added (R12).

    Subject and person are kept as text as well, so an entry survives what it is about.
    """

    at = models.DateTimeField(_("time"))
    actor_id = models.BigIntegerField(_("person id"), null=True)
    actor_name = models.CharField(_("person"), max_length=200)
    in_place_of = models.CharField(_("in place of"), max_length=200, blank=True)
    """For whom the person stood in, where they might not have done it as themselves."""
    action = models.CharField(_("action"), max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(_("subject"), max_length=300)
    task_id = models.BigIntegerField(_("task"), null=True)
    changes = models.JSONField(_("changes"), default=dict)
    """{field: [old, new]}, as people read them: names, ISO dates, numbers, None."""
    reason = models.TextField(_("reason"), blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("history entry")
        verbose_name_plural = _("history")
        ordering = ["-pk"]
        indexes = [
            # The history shown on a task's page, newest first.
            models.Index(fields=["task_id", "-id"], name="event_of_task"),
            # The history of one row; what changed since a stale edit was opened.
            models.Index(fields=["subject_type", "subject_id", "-id"], name="event_of_subject"),
            # The search, newest first; narrowed by days.
            models.Index(fields=["-at", "-id"], name="event_newest"),
            # The same of one person, of one kind of act, of one kind of subject.
            models.Index(fields=["actor_id", "-at", "-id"], name="event_of_person"),
            models.Index(fields=["action", "-at", "-id"], name="event_of_action"),
            models.Index(fields=["subject_type", "-at", "-id"], name="event_of_kind"),
            # The same of one task, or of none, for system administrators.
            models.Index(fields=["task_id", "-at", "-id"], name="event_of_task_newest"),
        ]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject_label}"


class Seal(models.Model):
    """Vouches for the entries after those of the seal before it, up to `last_id` (audit.seals).

    Rows are only ever added. Whoever changes a row of the history past the system cannot make its
    seal anew without the key, which is not in the database.
    """

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    sealed_at = models.DateTimeField(_("sealed"))
    last_id = models.BigIntegerField(unique=True)
    digests = models.TextField()
    """A line for each entry: its id and the SHA-256 of what it says."""
    previous = models.CharField(max_length=64)
    """The digest of the seal before it; "" in the first."""
    digest = models.CharField(max_length=64)
    """HMAC-SHA256 over all of this."""

    class Meta:
        verbose_name = _("seal of the history")
        verbose_name_plural = _("seals of the history")
        ordering = ["-number"]

    def __str__(self):
        return f"{self.number}-{self.digest[:12]}"

    @property
    def history_task_id(self):
        return None


class Submission(models.Model):
    """A form that was sent and had its effect: sending it again leads to the same place."""

    key = models.UUIDField()
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    path = models.CharField(max_length=500)
    location = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sent form")
        verbose_name_plural = _("sent forms")
        constraints = [
            models.UniqueConstraint(fields=["person", "path", "key"], name="submission_once"),
        ]
