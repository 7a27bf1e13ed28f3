"""Stage 5: what was reached, what was learned, and the signature under it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communications.models import Communication
from tasks.models import Target, Task
from tasks.models.initiation import TaskPart

PERSON = settings.AUTH_USER_MODEL


class Reached(models.TextChoices):
    MET = "met", _("Reached")
    PARTLY = "partly", _("Partly reached")
    MISSED = "missed", _("Not reached")


class LessonKind(models.TextChoices):
    KEEP = "keep", _("Keep")
    IMPROVE = "improve", _("Improve")


class Review(TaskPart):
    """The retrospective of a task (R25)."""

    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="review")
    meeting = models.ForeignKey(
        Communication,
        verbose_name=_("review meeting"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    summary = models.TextField(_("summary"), blank=True)
    written_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self):
        return str(self.task)

    def get_absolute_url(self):
        return reverse("reviews:review_detail", args=[self.task_id])


class TargetResult(models.Model):
    """What was reached of one target."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="target_results")
    target = models.OneToOneField(Target, on_delete=models.PROTECT, related_name="result")
    number = models.DecimalField(
        _("reached"), max_digits=16, decimal_places=3, null=True, blank=True
    )
    reached = models.CharField(_("judgement"), max_length=10, choices=Reached)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("target result")
        verbose_name_plural = _("target results")
        ordering = ["target__position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(reached__in=Reached.values), name="target_result_reached_known"
            ),
        ]

    def __str__(self):
        return f"{self.target} {self.reached}"

    @property
    def line(self) -> str:
        """The result in one line, as the history keeps it: metric, number and unit, note."""
        number = "" if self.number is None else f"{self.number.normalize():f}{self.target.unit}"
        return " · ".join(text for text in (self.target.metric, number, self.note) if text)


class Lesson(models.Model):
    """What to keep or to improve, about the process, not about blame (R25)."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="lessons")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=LessonKind)
    text = models.TextField(_("lesson"))

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["kind", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=LessonKind.values), name="lesson_kind_known"
            ),
        ]

    def __str__(self):
        return self.text[:80]


class SignOff(TaskPart):
    """The initiating head's signature under the finished record (R26). Never changed."""

    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="sign_off")
    signed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(_("signed by"), max_length=200)
    signed_at = models.DateTimeField(_("signed"))
    # What was missing at the signature, and why it was archived all the same (R24):
    # [{"kind", "count", "names"}, …] in no language (reviews.missing.to_stored).
    missing = models.JSONField(_("missing"), default=list)
    reason = models.TextField(_("reason for archiving incomplete"), blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(
                condition=Q(missing=[]) | ~Q(reason=""),
                name="sign_off_incomplete_has_reason",
                violation_error_message=_(
                    "Something is missing: say why it is archived all the same."
                ),
            ),
        ]

    def __str__(self):
        return f"{self.task} {self.signer_name}"
