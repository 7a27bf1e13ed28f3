"""What is owed, by whom, by when. Knows no task and no issue."""

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

    def done(self):
        return self.filter(settled_how="done")

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
    period = models.CharField(max_length=10, blank=True)
    """The Monday of the week, for what is owed anew every week (R16, R17)."""
    task_id = models.BigIntegerField(_("task"), null=True)
    department = models.ForeignKey(
        "accounts.Department",
        verbose_name=_("department"),
        null=True,
        on_delete=models.PROTECT,
        related_name="deadlines",
        db_index=False,  # below, with the due moment
    )
    """Whose line is told after the owner: contact, head, senior manager (R30)."""
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
    # How the moment was computed (policies.Due), so that it can be said in words.
    rule = models.CharField(_("rule"), max_length=20, blank=True)
    since = models.DateTimeField(_("counted from"), null=True)
    within = models.PositiveSmallIntegerField(_("hours or working days"), null=True)
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
                fields=["kind", "subject_type", "subject_id", "period"],
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
            # Reconciliation, and a ladder that was changed: the open ones of a kind.
            models.Index(
                fields=["kind", "id"],
                condition=Q(settled_at=None),
                name="deadline_of_kind",
            ),
            # A task's closing, what is still open in it; its record, who was reminded of what.
            models.Index(fields=["task_id", "due_at"], name="deadline_of_task"),
            # What fell due in a week (deadlines.punctuality), and the duties behind such a count;
            # the calendar: what departments have done in a month.
            models.Index(fields=["department", "due_at"], name="deadline_of_department"),
            # What a department still owes, by due moment.
            models.Index(
                fields=["department", "due_at"],
                condition=Q(settled_at=None),
                name="deadline_owed_by_department",
            ),
            # The first page: what others owe in the tasks that a person leads.
            models.Index(
                fields=["task_id", "due_at"],
                condition=Q(settled_at=None),
                name="deadline_open_in_task",
            ),
            # The calendar: what a person has done in a month. Not of all rows: next to such an
            # index SQLite would not use the one of what a person owes.
            models.Index(
                fields=["owner", "due_at"],
                condition=Q(settled_how="done"),
                name="deadline_done_by",
            ),
        ]

    def __str__(self):
        return self.what
