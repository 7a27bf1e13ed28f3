"""Second factors: the step at sign-in, and what a person sets up and removes."""

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import record_authentication
from allauth.account.views import ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as recovery
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
)
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from audit.once import keeps_refusals
from coordination.forms import PlainForm
from coordination.pages import ActPage
from signin.services import factors, sessions
from signin.views.sign_in import status_of

# Sensitive enough to say once more who one is.
SENSITIVE = [keeps_refusals, reauthentication_required(app="allauth.mfa")]


class Refusing:
    """Answers a form that is not right with its status (422, or 429 when counted out)."""

    def form_invalid(self, form):
        context = self.get_context_data(form=form)
        return self.render_to_response(context, status=status_of(form))


# At sign-in


class SecondStep(AuthenticateView):
    """The code of the app, a recovery code, or a passkey."""

    template_name = "signin/second_step.html"

    def form_invalid(self, form):
        response = super().form_invalid(form)
        response.status_code = status_of(form)
        return response

    def get_context_data(self, **kwargs):
        types = {factor.type for factor in factors.factors_of(self.stage.login.user)}
        return super().get_context_data(**kwargs) | {"types": types}


class PasskeySignIn(LoginWebAuthnView):
    """Name, password and second factor in one."""

    def form_invalid(self, form):
        words = _("This passkey did not work. Try again, or sign in with name and password.")
        messages.error(self.request, words)
        return redirect("account_login")


# Once more, before a matter of security


class Again:
    """Who has shown once more who they are goes on under another key of the session."""

    def form_valid(self, form):
        response = super().form_valid(form)
        session = self.request.session
        sessions.go_on(session, session.cycle_key)
        return response


@method_decorator(keeps_refusals, name="dispatch")
class PasswordAgain(Again, Refusing, ReauthenticateView):
    template_name = "signin/again.html"


@method_decorator(keeps_refusals, name="dispatch")
class CodeAgain(Again, Refusing, CodeReauthenticateView):
    template_name = "signin/again.html"


@method_decorator(keeps_refusals, name="dispatch")
class PasskeyAgain(Again, ReauthenticateWebAuthnView):
    template_name = "signin/again.html"

    def form_invalid(self, form):
        messages.error(self.request, _("This passkey did not work."))
        return redirect(self.request.get_full_path())


# Set up and removed


class Adding(Refusing):
    """A factor that has just been shown to work counts for this session too."""

    kind = ""

    def form_valid(self, form):
        person = self.request.user
        with transaction.atomic():
            response = super().form_valid(form)
            factors.add_factor(person=person, kind=self.kind, now=timezone.now())
        record_authentication(self.request, person, "mfa", type=self.kind, reauthenticated=True)
        messages.success(self.request, self.done)
        return response


@method_decorator(keeps_refusals, name="dispatch")
class AppAdd(Adding, ActivateTOTPView):
    template_name = "signin/app_add.html"
    kind = Authenticator.Type.TOTP

    @property
    def done(self):
        return _("The app is set up. Signing in asks for its code from now on.")


@method_decorator(keeps_refusals, name="dispatch")
class PasskeyAdd(Adding, AddWebAuthnView):
    template_name = "signin/passkey_add.html"
    kind = Authenticator.Type.WEBAUTHN

    @property
    def done(self):
        return _("The passkey is added.")

    def get_context_data(self, **kwargs):
        # The library's own page leaves out the form that was refused.
        return super().get_context_data() | kwargs


@method_decorator(SENSITIVE, name="dispatch")
class FactorRemove(ActPage):
    """Asks before it removes the app (no number) or a passkey."""

    template_name = "signin/factor_remove.html"
    form_class = PlainForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        self.factor = None
        if request.user.is_authenticated:
            wanted = {"pk": kwargs["pk"], "type": "webauthn"} if kwargs else {"type": "totp"}
            self.factor = get_object_or_404(Authenticator, user=request.user, **wanted)

    def get_context_data(self, **kwargs):
        return super().get_context_data(factor=self.factor, **kwargs)

    def act(self, form, now):
        factors.remove_factor(factor=self.factor, by=self.request.user, now=now)
        messages.success(self.request, _("It is removed."))
        return "mfa_index"


@method_decorator(SENSITIVE, name="dispatch")
class RecoveryCodes(TemplateView):
    """How many there are; a POST shows them, once."""

    template_name = "signin/recovery_codes.html"

    def get_context_data(self, **kwargs):
        rows = Authenticator.objects.filter(user=self.request.user, type="recovery_codes")
        found = rows.first()
        if found is None:
            raise Http404
        codes = found.wrap()
        return super().get_context_data(
            number=len(codes.get_unused_codes()), can_show=not codes.did_view, **kwargs
        )

    def post(self, request, *args, **kwargs):
        codes, may_view = recovery.view_recovery_codes(request)
        if codes is None:
            raise Http404
        if not may_view:
            messages.error(request, _("The codes were shown before. Make new ones."))
            return redirect("mfa_view_recovery_codes")
        return self.render_to_response(self.get_context_data(codes=codes.get_unused_codes()))


@method_decorator(SENSITIVE, name="dispatch")
class RecoveryCodesNew(ActPage):
    """New codes in place of the old ones; only beside an app or a passkey."""

    template_name = "signin/recovery_codes_new.html"
    form_class = PlainForm

    def setup(self, request, *args, **kwargs):
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated and not recovery.can_generate_recovery_codes(request.user):
            raise Http404

    def act(self, form, now):
        recovery.generate_recovery_codes(self.request)
        factors.make_recovery_codes(person=self.request.user, now=now)
        return reverse("mfa_view_recovery_codes")
