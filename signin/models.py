"""The browsers in which people are signed in."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.utils.translation import gettext_lazy as _


class SignedIn(models.Model):
    """A browser in which a person is signed in. The row goes with its session."""

    session = models.OneToOneField(
        Session, on_delete=models.CASCADE, related_name="signed_in", editable=False
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.CASCADE,
        related_name="signed_in",
    )
    device = models.CharField(_("device"), max_length=300, blank=True)
    """What the browser calls itself."""
    address = models.CharField(_("address"), max_length=45, blank=True)
    """Shown to the person, who knows their own; gone with the session."""
    signed_in_at = models.DateTimeField(_("signed in"))
    seen_at = models.DateTimeField(_("last seen"))
    """To ten minutes (middleware.SEEN_EVERY)."""

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-seen_at", "-pk"]

    def __str__(self):
        return f"{self.person} {self.signed_in_at:%Y-%m-%d %H:%M}"
