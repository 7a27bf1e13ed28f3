"""The work calendar: public holidays and make-up working days; all else is Monday to Friday."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CalendarDay(models.Model):
    """A day that is not what its weekday says: a holiday, or a make-up working day (调休)."""

    date = models.DateField(_("date"), unique=True)
    is_working = models.BooleanField(_("working day"))
    name = models.CharField(_("name"), max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("calendar days")
        ordering = ["date"]

    def __str__(self):
        return f"{self.date} {self.name}".strip()

    @property
    def look(self) -> str:
        """How it is drawn."""
        return "work" if self.is_working else "off"

    @property
    def mark(self) -> str:
        """What it is, in as little space as there is in a cell."""
        if self.is_working:
            return pgettext_lazy("calendar day", "work")
        return pgettext_lazy("calendar day", "off")

    @property
    def history_task_id(self):
        return None


class CalendarYear(models.Model):
    """A year whose official days are known, shipped or entered by hand; or are no longer (all)."""

    year = models.PositiveSmallIntegerField(_("year"), primary_key=True)
    is_complete = models.BooleanField(_("complete"), default=True)

    class Meta:
        verbose_name = _("calendar year")
        verbose_name_plural = _("calendar years")

    def __str__(self):
        return str(self.year)

    @property
    def history_task_id(self):
        return None
