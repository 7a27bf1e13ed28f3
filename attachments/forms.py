"""The form that takes several files; one that is refused does not lose the others."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from attachments.kinds import ENDINGS, FileRefused, Look, content_type_of, look_at
from attachments.names import clean_name, ending_of
from coordination.forms import PlainForm
from coordination.words import pair

AT_ONCE = 10


@dataclass(frozen=True)
class Checked:
    """An upload that is taken: what it is called and what its bytes are."""

    file: Any
    name: str
    content_type: str
    look: Look


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """One file or several: a list."""

    widget = SeveralFilesInput

    def clean(self, data, initial=None):
        if not data:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(data) > AT_ONCE:
            raise ValidationError(_("At most %(number)s files at once.") % {"number": AT_ONCE})
        return data


class AttachForm(PlainForm):
    """`cleaned_data["files"]` are those that are taken (Checked); `refused` says why others are
    not. Only when none is taken the form is not valid.
    """

    files = SeveralFilesField(
        label=gettext_lazy("Files"),
        error_messages={"required": gettext_lazy("Choose at least one file.")},
    )

    def clean_files(self):
        taken, self.refused = [], []
        for file in self.cleaned_data["files"]:
            try:
                taken.append(check(file))
            except FileRefused as error:
                self.refused.append(pair(clean_name(file.name), error.message))
        if not taken:
            raise ValidationError(self.refused)
        return taken


def check(file) -> Checked:
    """Looks at an upload. Raises FileRefused with the reason."""
    if file.size > settings.ATTACHMENT_MAX_BYTES:
        raise FileRefused(too_large())
    if not file.size:
        raise FileRefused(_("The file is empty."))
    look, name = look_at(file), clean_name(file.name)
    return Checked(file, name, content_type_of(ending_of(name), look), look)


def too_large() -> str:
    return _("The file is larger than %(number)s MB.") % {"number": settings.ATTACHMENT_MAX_MB}


def limits() -> dict:
    """What the page says, and what the browser can check, before anything is sent."""
    return {
        "at_once": AT_ONCE,
        "max_mb": settings.ATTACHMENT_MAX_MB,
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "too_large": too_large(),
        "accept": ",".join(f".{ending}" for ending in ENDINGS),
    }
