"""Forms of the consultation (R7)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from coordination.forms import TextField, VersionedForm
from tasks.choices import Answer


class AnswerForm(VersionedForm):
    """The answer to what stands on the page: `seen` is the version of the task shown there."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    answer = forms.ChoiceField(
        label=_("Answer"),
        widget=forms.RadioSelect,
        choices=[
            (Answer.ACCEPTED, _("We take part as described")),
            (Answer.COMMENTED, _("We take part, with these comments")),
            (Answer.DECLINED, _("We decline, for this reason")),
        ],
    )
    comment = TextField(label=_("Comment or reason"), required=False)

    def __init__(self, *args, collaboration, **kwargs):
        self.versions = {"version": collaboration.version, "seen": collaboration.task.version}
        super().__init__(*args, initial=self.versions, **kwargs)

    def rebase(self, version: int) -> None:
        """Both versions are what the page now shows."""
        self.data = self.data.copy()
        self.data.update({self.add_prefix(name): now for name, now in self.versions.items()})


class ContactForm(VersionedForm):
    contact = forms.ModelChoiceField(
        label=_("Contact"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("Nobody: the head acts"),
        help_text=_("Acts for the department on this task."),
    )

    def __init__(self, *args, department, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = User.objects.in_department(department)
