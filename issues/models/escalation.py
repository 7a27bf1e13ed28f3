"""Who was told of a cross-department issue, and who has acknowledged it (R20)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Department
from deadlines.models import Notice
from issues import policies
from issues.choices import Grade, Superior
from issues.models.issue import Issue
from tasks.workflow import WORK_OPEN

PERSON = settings.AUTH_USER_MODEL


class EscalationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Those of the issues this person may see (R29)."""
        return self.filter(issue__in=Issue.objects.visible_to(user))

    def unanswered(self):
        """Those that the person told still is to acknowledge."""
        issues = Issue.objects.open().filter(grade=Grade.CROSS, task__stage__in=WORK_OPEN)
        return self.filter(acknowledged_at=None, handed_to=None, issue__in=issues)

    def with_telling(self):
        """With the people's names and the mail that told them."""
        return self.select_related("person", "department", "handed_to", "notice__message")


class Escalation(models.Model):
    """One superior was told of one cross-department issue, and is to acknowledge it (R20)."""

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="escalations")
    person = models.ForeignKey(
        PERSON, verbose_name=_("superior"), on_delete=models.PROTECT, related_name="escalations"
    )
    # As what the person was told, and as the head of which department, at that time.
    role = models.CharField(_("told as"), max_length=10, choices=Superior)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), on_delete=models.PROTECT, related_name="+"
    )
    told_at = models.DateTimeField(_("told"))
    notice = models.OneToOneField(Notice, null=True, on_delete=models.PROTECT, related_name="+")
    """How the person was told: under the bell and by mail."""
    acknowledged_at = models.DateTimeField(_("acknowledged"), null=True)
    note = models.TextField(_("note"), blank=True)
    handed_to = models.ForeignKey(
        PERSON,
        verbose_name=_("handed over to"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    """Who acknowledges it instead, with a row of their own."""

    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ["told_at", "pk"]
        constraints = [
            # Whoever runs, and however often: nobody is told of an issue twice.
            models.UniqueConstraint(fields=["issue", "person"], name="escalation_once_per_person"),
            models.CheckConstraint(
                condition=Q(role__in=Superior.values), name="escalation_role_known"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=False) | Q(note=""),
                name="escalation_note_acknowledges",
            ),
        ]
        indexes = [
            # The overview: who has not acknowledged what, the longest told first.
            models.Index(
                fields=["told_at"],
                condition=Q(acknowledged_at=None),
                name="escalation_waiting",
            ),
        ]

    def __str__(self):
        return str(self.person)

    @property
    def task(self):
        return self.issue.task

    def get_absolute_url(self):
        """The page with the one button."""
        return reverse("issues:escalation_acknowledge", args=[self.pk])

    @property
    def because(self):
        """Why this person was told, in words."""
        return Superior(self.role).because

    @property
    def due(self):
        return policies.acknowledge_due(self.told_at)

    @property
    def is_open(self):
        """Whether the person still is to acknowledge it."""
        waits = self.acknowledged_at is None and self.handed_to_id is None
        return waits and self.issue.wants_acknowledgement
