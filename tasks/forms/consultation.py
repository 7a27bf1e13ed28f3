"""Forms of the consultation (R7)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from coordination.forms import TextField, VersionedForm
from tasks.choices import Answer


class AnswerForm(VersionedForm):
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
