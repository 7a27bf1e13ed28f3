"""Files of a task."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from attachments import subjects
from attachments.kinds import CONTENT_TYPES
from attachments.names import ending_of
from tasks.models import Task
from tasks.models.initiation import TaskPart

PERSON = settings.AUTH_USER_MODEL


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The files of the tasks that this person may see (R29)."""
        return self.filter(task__in=Task.objects.visible_to(user))

    def about(self, row):
        """The files of a task itself or of one part of it."""
        return self.filter(subject_type=row._meta.label_lower, subject_id=row.pk)

    def with_people(self):
        return self.select_related("uploaded_by", "withdrawn_by")

    def live(self):
        return self.filter(withdrawn_at=None)


class Attachment(TaskPart):
    """One file of one task, about the task itself or a part of it.

    Rows are never deleted: of a withdrawn file name, size and SHA-256 stay.
    """

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="attachments")
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(_("belongs to"), max_length=300)

    name = models.CharField(_("file"), max_length=120)
    content_type = models.CharField(_("kind"), max_length=100)
    """As its bytes say (attachments.kinds)."""
    size = models.PositiveBigIntegerField(_("size"))
    sha256 = models.CharField("SHA-256", max_length=64)
    stored_as = models.CharField(max_length=60, unique=True, editable=False)
    """In the storage: random, without ending, nothing of what the person called it."""

    uploaded_by = models.ForeignKey(
        PERSON, verbose_name=_("attached by"), on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("attached"))
    withdrawn_by = models.ForeignKey(
        PERSON,
        verbose_name=_("withdrawn by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="attachment_withdrawn_by_somebody",
            ),
        ]
        indexes = [
            # The files of a task, newest first.
            models.Index(fields=["task", "-id"], name="attachment_of_task"),
            # The files on the page of a part.
            models.Index(fields=["subject_type", "subject_id", "-id"], name="attachment_of_part"),
        ]

    def __str__(self):
        return self.name

    @property
    def ending(self) -> str:
        return ending_of(self.name)

    @property
    def served_as(self) -> str:
        """The content type it is sent with: one of those we take, else plain bytes."""
        known = self.content_type in CONTENT_TYPES
        return self.content_type if known else "application/octet-stream"

    @property
    def subject(self) -> subjects.Subject | None:
        return subjects.by_type(self.subject_type)

    @property
    def is_of_a_part(self) -> bool:
        return self.subject_type != Task._meta.label_lower

    @property
    def subject_url(self) -> str:
        """Where what it belongs to is shown; asks no database."""
        return self.subject.address_of(self.subject_id) if self.subject else ""
