"""What the night does to stored files: no file without its row, no row without its file."""

import datetime as dt
import logging
from dataclasses import dataclass, field

from django.core.files.storage import default_storage
from django.db.models import Q

from attachments.models import Attachment
from attachments.storage import remove, stored_names

# A row follows its file within seconds; a day is enough for every clock and every restore.
ORPHAN_FOR = dt.timedelta(days=1)
# So long a file that was withdrawn by mistake can be had back from the folder.
KEPT_WITHDRAWN = dt.timedelta(days=30)

logger = logging.getLogger(__name__)


@dataclass
class Swept:
    removed: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    """ids of rows whose file is gone: restore it from the backup"""


def sweep_files(now: dt.datetime, *, dry_run=False) -> Swept:
    """Removes bytes that no row needs, and names the rows whose bytes are gone.

    Bytes are needed until 30 days after their file was withdrawn. Never touches a row.
    """
    swept, found = Swept(), set(stored_names())
    needed = _needed(now)
    for name in sorted(found - needed):
        if _is_old(name, now):
            swept.removed.append(name)
            if not dry_run:
                remove(name)
    swept.missing = _missing(found)
    if swept.missing:
        logger.error("The files of these attachments are missing: %s", swept.missing)
    return swept


def _needed(now):
    rows = Attachment.objects.filter(
        Q(withdrawn_at=None) | Q(withdrawn_at__gt=now - KEPT_WITHDRAWN)
    )
    return set(rows.values_list("stored_as", flat=True))


def _missing(found):
    """A file stored since the folder was read is there, though not among those found."""
    rows = Attachment.objects.live().order_by("pk").values_list("pk", "stored_as")
    return [pk for pk, name in rows if name not in found and not default_storage.exists(name)]


def _is_old(name, now) -> bool:
    try:
        return default_storage.get_modified_time(name) < now - ORPHAN_FOR
    except FileNotFoundError:
        return False
