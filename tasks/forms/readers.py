"""The form that lets somebody see a task."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from coordination.forms import PlainForm


class ReaderForm(PlainForm):
    """Somebody of the organisation, by name or user name: a list of all would be too long."""

    person = forms.CharField(
        label=_("Name or user name"),
        max_length=150,
        widget=forms.TextInput(attrs={"list": "outside", "autocomplete": "off"}),
        help_text=_("Anybody in the organisation who is to see the task without a part in it."),
    )

    def clean_person(self):
        typed = self.cleaned_data["person"]
        found = list(User.objects.active().filter(Q(username=typed) | Q(name=typed))[:6])
        exact = [person for person in found if person.username == typed]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if not found:
            raise forms.ValidationError(_("Nobody here has this name or user name."))
        names = ", ".join(person.username for person in found)
        raise forms.ValidationError(
            _("Several people have this name. Enter one of these user names: %(names)s"),
            params={"names": names},
        )
