"""The archive: the record of a task as it was signed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from tasks.models import Task
from tasks.models.initiation import TaskPart


class Archive(TaskPart):
    """The frozen record of one task: canonical JSON and its SHA-256, chained to the one before."""

    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="archive")
    archived_at = models.DateTimeField(_("archived"))
    record = models.TextField(_("record"))
    """Canonical JSON of the TaskRecord (records.canonical)."""
    sha256 = models.CharField(_("check code"), max_length=64, unique=True)
    previous_sha256 = models.CharField(_("previous check code"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("archive")
        verbose_name_plural = _("archives")
        ordering = ["-pk"]

    def __str__(self):
        return str(self.task)


class Chain(models.Model):
    """The end of the chain of archives; locked while one is added, so that it never forks.

    One row. It also tells when the newest archive was taken away.
    """

    last_sha256 = models.CharField(_("last check code"), max_length=64)

    class Meta:
        verbose_name = _("chain of archives")
        verbose_name_plural = _("chain of archives")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="chain_one_row"),
        ]

    def __str__(self):
        return self.last_sha256
