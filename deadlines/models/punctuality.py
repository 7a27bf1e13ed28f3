"""How reliably departments keep what they owe, counted by the week."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Punctuality(models.Model):
    """The duties of one kind that fell due for one department in one week; no row means none."""

    week = models.DateField(_("week from Monday"))
    """The Monday of the week of the due moments, in the organisation's zone."""
    department = models.ForeignKey(
        "accounts.Department",
        verbose_name=_("department"),
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,  # rows are sought by week
    )
    kind = models.CharField(_("kind"), max_length=40)
    kept = models.PositiveIntegerField(_("in time"))
    """Done at the due moment or before."""
    late = models.PositiveIntegerField(_("late"))
    """Done after the due moment, or not yet."""

    class Meta:
        verbose_name = _("punctuality")
        verbose_name_plural = _("punctuality")
        constraints = [
            # Also the index of the last weeks.
            models.UniqueConstraint(
                fields=["week", "department", "kind"], name="punctuality_once_per_week"
            ),
            models.CheckConstraint(condition=Q(week__week_day=2), name="punctuality_from_monday"),
            models.CheckConstraint(
                condition=Q(kept__gt=0) | Q(late__gt=0), name="punctuality_of_something"
            ),
        ]

    def __str__(self):
        return f"{self.department} {self.kind} {self.week} {self.kept}/{self.due}"

    @property
    def due(self):
        """How many fell due."""
        return self.kept + self.late
