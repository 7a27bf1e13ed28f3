"""The periodic jobs in words: what each is for, when it runs, and what its counts mean."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

JOBS = {
    "sweep": (_("Find what is due"), _("every minute")),
    "deliver": (_("Send the mails"), _("every 20 seconds")),
    "pass_up": (_("Tell the next superior"), _("every minute")),
    "issue": (_("Issue weekly reports"), _("every minute")),
    "open_weeks": (_("Open the weekly reports"), _("every hour")),
    "count_punctuality": (_("Count what was kept in time"), _("every hour")),
    "watch_recent": (_("Look for early warnings where something changed"), _("every minute")),
    "watch": (_("Look for early warnings"), _("every hour")),
    "seal_history": (_("Seal the history"), _("every minute")),
    "reconcile": (_("Compare deadlines with their subjects"), _("every night")),
    "verify_history": (_("Check the history against its seals"), _("every night")),
    "clear_sessions": (_("Remove sessions that have ended"), _("every night")),
    "tidy": (_("Remove old mail files"), _("every night")),
    "sweep_files": (_("Compare attachments with their files"), _("every night")),
}

COUNTS = {
    "deadlines": _("deadlines looked at"),
    "reminders": _("reminders written"),
    "sent": _("sent"),
    "cancelled": _("cancelled"),
    "postponed": _("tried again later"),
    "failed": _("failed"),
    "sealed": pgettext_lazy("count", "sealed"),
    "checked": _("compared"),
    "found": pgettext_lazy("count", "found damaged"),
    "repaired": _("put right"),
    "opened": pgettext_lazy("count", "opened"),
    "issued": pgettext_lazy("count", "issued"),
    "raised": _("raised"),
    "told": pgettext_lazy("count", "told"),
    "removed": _("removed"),
    "missing": _("files missing"),
    "weeks": _("weeks counted"),
    "changed": _("counts changed"),
}

REPAIRED = {
    "opened": _("%(duty)s: was missing and is written"),
    "moved": _("%(duty)s: stood with another person or moment and is put right"),
    "settled": _("%(duty)s: was no longer owed and is closed"),
    "reworded": _("%(duty)s: was called by an old name and is named anew"),
}
"""What the nightly comparison did to a deadline (deadlines.recount)."""
