"""How the last run of each periodic job went: what the operations page shows."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Run(models.Model):
    """The latest run of one job. One row per job."""

    job = models.CharField(_("job"), max_length=40, primary_key=True)
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    """None while it runs, or when it was killed."""
    asked_at = models.DateTimeField(_("asked for"), null=True)
    """When somebody's change called for an extra run."""
    result = models.JSONField(_("result"), default=dict)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")

    def __str__(self):
        return self.job
