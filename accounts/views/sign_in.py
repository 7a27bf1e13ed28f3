"""Sign-in, language, and a person's own settings."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.i18n import set_language as remember_language
from django_htmx.http import HttpResponseClientRefresh

from accounts import forms, throttle
from accounts.models import User
from accounts.services import people
from accounts.views.absences import absences_of
from audit.once import keeps_refusals
from coordination.pages import ActPage

TOO_MANY_REQUESTS = 429


class SignIn(LoginView):
    template_name = "accounts/login.html"
    form_class = forms.SignInForm
    redirect_authenticated_user = True

    def get(self, request, *args, **kwargs):
        """A part of a page that asks again after the session ended brings the whole page here."""
        if request.htmx:
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def form_invalid(self, form):
        status = TOO_MANY_REQUESTS if form.has_error("__all__", "too_many") else 422
        return self.render_to_response(self.get_context_data(form=form), status=status)


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


@method_decorator(keeps_refusals, name="dispatch")
class PasswordChange(ActPage):
    """Wrong passwords stay counted; sent twice, the old password is no longer right."""

    template_name = "accounts/password_change.html"
    form_class = forms.OwnPasswordForm

    def get_form_kwargs(self):
        address = throttle.address_of(self.request)
        return super().get_form_kwargs() | {"user": self.request.user, "address": address}

    def form_invalid(self, form, **context):
        status = TOO_MANY_REQUESTS if form.has_error("old_password", "too_many") else 422
        return super().form_invalid(form, status=status, **context)

    def act(self, form, now):
        person = _who_asks(self.request)
        password = form.cleaned_data["new_password1"]
        people.change_password(person=person, by=person, now=now, password=password)
        update_session_auth_hash(self.request, person)
        messages.success(self.request, _("Your password is changed. Other sessions have ended."))
        return "accounts:profile"
