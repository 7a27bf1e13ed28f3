"""Early warnings: what endangers a task, once per cause (R18)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tasks.models import Subtask, Task
from tasks.models.initiation import TaskPart


class WarningRule(models.TextChoices):
    """What a warning is about; the gravest first."""

    OVERDUE = "overdue", _("Past the due date")
    LAG = "lag", _("Behind the plan")
    PROMISE = "promise", _("Broken support promise")
    MOVED = "moved", _("Due date moved again and again")
    SILENT = "silent", _("No report for days")
    QUIET = "quiet", _("Nobody has talked")


class EarlyWarningQuerySet(models.QuerySet):
    def open(self):
        return self.filter(over_at=None)


class EarlyWarning(TaskPart):
    """One cause that endangers a task; open until it is over. Told once."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="warnings")
    subtask = models.ForeignKey(
        Subtask, null=True, on_delete=models.CASCADE, related_name="warnings"
    )
    rule = models.CharField(_("rule"), max_length=10, choices=WarningRule)
    key = models.CharField(max_length=60)
    """What makes it this cause and no other: the same key is never told twice while it is open,
    and never again where it names a single event (a promise, a week, the third move)."""
    raised_at = models.DateTimeField(_("since"))
    over_at = models.DateTimeField(_("over"), null=True)
    facts = models.JSONField(default=dict)
    """What it was raised on, by name: figures and ISO dates for its words."""

    objects = EarlyWarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("early warning")
        verbose_name_plural = _("early warnings")
        ordering = ["pk"]
        constraints = [
            # Also the index of what endangers a task now.
            models.UniqueConstraint(
                fields=["task", "rule", "key"],
                condition=Q(over_at=None),
                name="warning_once_per_cause",
            ),
            models.CheckConstraint(
                condition=Q(rule__in=WarningRule.values), name="warning_rule_known"
            ),
        ]
        indexes = [
            # Whether a cause was ever told; the warnings of a task's past.
            models.Index(fields=["task", "raised_at"], name="warning_of_task"),
            # The overview: tasks off track, newest first.
            models.Index(
                fields=["rule", "-task"], condition=Q(over_at=None), name="warning_open_by_rule"
            ),
        ]

    def __str__(self):
        return str(self.subtask or self.task)
