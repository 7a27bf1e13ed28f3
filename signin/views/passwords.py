"""A person's own password: changed, or set anew by a link in a mail."""

import time

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from accounts import throttle
from accounts.models import User
from accounts.services import people
from audit.once import is_first, keeps_refusals
from coordination.pages import ActPage
from signin.forms import LinkForm, OwnPasswordForm, PasswordByLinkForm
from signin.links import person_of
from signin.services import passwords, sessions
from signin.views.sign_in import status_of

# So long it takes to write a mail down, and some more.
AT_LEAST = 0.4


@method_decorator(keeps_refusals, name="dispatch")
class PasswordChange(ActPage):
    """Wrong passwords stay counted; sent twice, the old password is no longer right, and of two at
    the same moment one changes it.
    """

    template_name = "signin/password_change.html"
    form_class = OwnPasswordForm

    def get_form_kwargs(self):
        address = throttle.address_of(self.request)
        return super().get_form_kwargs() | {"user": self.request.user, "address": address}

    def form_invalid(self, form, **context):
        return super().form_invalid(form, status=status_of(form), **context)

    def act(self, form, now):
        if is_first(self.request):
            self._change(form, now)
        return "mfa_index"

    def _change(self, form, now):
        person = User.objects.get(pk=self.request.user.pk)
        password = form.cleaned_data["new_password1"]
        people.change_password(person=person, by=person, now=now, password=password)
        sessions.go_on(self.request.session, lambda: update_session_auth_hash(self.request, person))
        messages.success(self.request, _("Your password is changed. Other sessions have ended."))


@method_decorator([login_not_required, keeps_refusals], name="dispatch")
class PasswordLink(ActPage):
    """Asks for a link. The answer is the same, and takes as long, whoever has the address."""

    template_name = "signin/password_link.html"
    form_class = LinkForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"address": throttle.address_of(self.request)}

    def form_valid(self, form):
        ends = time.monotonic() + AT_LEAST
        response = super().form_valid(form)
        time.sleep(max(0, ends - time.monotonic()))
        return response

    def form_invalid(self, form, **context):
        return super().form_invalid(form, status=status_of(form), **context)

    def act(self, form, now):
        passwords.ask_for_link(email=form.cleaned_data["email"], now=now)
        words = _("If somebody here has this address, a link is on its way. It works for an hour.")
        messages.success(self.request, words)
        return "account_login"


@method_decorator([login_not_required, keeps_refusals], name="dispatch")
class PasswordByLink(ActPage):
    """Sets a password by the key of the link. The key leaves the page with the form alone."""

    template_name = "signin/password_by_link.html"
    form_class = PasswordByLinkForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.key = (request.POST or request.GET).get("key", "")[:100]
        self.person = person_of(self.key)

    def dispatch(self, request, *args, **kwargs):
        response = super().dispatch(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "strict-origin"
        return response

    def get_initial(self):
        return {"key": self.key}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.person or User()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(person=self.person, **kwargs)

    def act(self, form, now):
        password = form.cleaned_data["new_password1"]
        passwords.set_password_by_link(key=self.key, password=password, now=now)
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return "account_login"
