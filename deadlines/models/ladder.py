"""What administrators set for a kind of deadline; without a row the shipped ladder holds."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ladder(models.Model):
    """The reminders of one kind of deadline, and within how many working days it is due."""

    kind = models.CharField(_("kind"), max_length=40, unique=True)
    within = models.PositiveSmallIntegerField(_("working days"), null=True)
    """Only of kinds that are due within so many working days; None: as shipped."""
    steps = models.JSONField(_("steps"), default=list)
    """Lines such as "+4h owner head" (policies.Step); empty: as shipped."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("ladder of reminders")
        verbose_name_plural = _("ladders of reminders")

    def __str__(self):
        from deadlines import kinds

        return str(kinds.get(self.kind).label)

    @property
    def history_task_id(self):
        return None
