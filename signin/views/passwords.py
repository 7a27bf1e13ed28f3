"""A person's own password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from accounts import throttle
from accounts.models import User
from accounts.services import people
from audit.once import keeps_refusals
from coordination.pages import ActPage
from signin.forms import OwnPasswordForm
from signin.views.sign_in import status_of


@method_decorator(keeps_refusals, name="dispatch")
class PasswordChange(ActPage):
    """Wrong passwords stay counted; sent twice, the old password is no longer right."""

    template_name = "signin/password_change.html"
    form_class = OwnPasswordForm

    def get_form_kwargs(self):
        address = throttle.address_of(self.request)
        return super().get_form_kwargs() | {"user": self.request.user, "address": address}

    def form_invalid(self, form, **context):
        return super().form_invalid(form, status=status_of(form), **context)

    def act(self, form, now):
        person = User.objects.get(pk=self.request.user.pk)
        password = form.cleaned_data["new_password1"]
        people.change_password(person=person, by=person, now=now, password=password)
        update_session_auth_hash(self.request, person)
        messages.success(self.request, _("Your password is changed. Other sessions have ended."))
        return "accounts:profile"
