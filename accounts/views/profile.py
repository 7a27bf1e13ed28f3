"""Language, and a person's own settings."""

from allauth.account.internal.flows.reauthentication import (
    is_reauthentication_required,
    suspend_request,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as remember_language

from accounts import forms
from accounts.models import User
from accounts.services import people
from accounts.views.absences import absences_of
from coordination.pages import ActPage


def _who_asks(request) -> User:
    """The row of the person signed in, to be changed; the request's own is a lazy stand-in."""
    return User.objects.get(pk=request.user.pk)


@login_not_required
@require_POST
def set_language(request):
    """Remembers the language in the browser and, signed in, with the person."""
    language = request.POST.get("language", "")
    if request.user.is_authenticated and forms.is_language(language):
        person = _who_asks(request)
        people.choose_language(person=person, by=person, now=timezone.now(), language=language)
    return remember_language(request)


class Profile(ActPage):
    template_name = "accounts/profile.html"
    form_class = forms.ProfileForm

    def get_initial(self):
        settings = ("email", "language", "quiet_from", "quiet_until", "mail_changes", "version")
        return {name: getattr(self.request.user, name) for name in settings}

    def form_valid(self, form):
        """Whoever reads the mails can set a new password: another address asks who one is."""
        if "email" in form.changed_data and is_reauthentication_required(
            self.request, app="accounts"
        ):
            return suspend_request(self.request, reverse("account_reauthenticate"))
        return super().form_valid(form)

    def act(self, form, now):
        person = _who_asks(self.request)
        people.edit_profile(person=person, by=person, now=now, **form.cleaned_data)
        messages.success(self.request, _("Your settings are saved."))
        return "accounts:profile"

    def get_context_data(self, **kwargs):
        person = self.request.user
        memberships = person.memberships.select_related("department").order_by("-is_main", "pk")
        return super().get_context_data(
            memberships=memberships, **absences_of(person, person), **kwargs
        )
