"""Forms that ask for a reason and nothing else."""

from django.utils.translation import gettext_lazy as _

from coordination.forms import PlainForm, TextField


class ReasonForm(PlainForm):
    reason = TextField(
        label=_("Why?"), max_length=1000, help_text=_("The people concerned are told.")
    )
