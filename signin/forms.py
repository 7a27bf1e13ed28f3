"""Forms of signing in and of passwords."""

import logging

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal import flows
from allauth.account.models import Login
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.fernet import InvalidToken
from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import throttle
from accounts.forms import NewPasswordForm
from coordination.forms import PlainForm
from signin.services import sessions

logger = logging.getLogger(__name__)
WRONG_PASSWORDS = _("Too many wrong passwords. Wait a quarter of an hour.")


class SignInForm(PlainForm, AuthenticationForm):
    """Name and password. Wrong name, wrong password and a closed account answer alike."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _("Name or password is wrong."),
        "too_many": _("Too many attempts. Try again in a quarter of an hour."),
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Login name")

    def clean(self):
        tried = {
            "account": self.cleaned_data.get("username", ""),
            "address": throttle.address_of(self.request),
        }
        if not (tried["account"] and self.cleaned_data.get("password")):
            return self.cleaned_data
        if not throttle.may_try(now=timezone.now(), **tried):
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        try:
            cleaned = super().clean()
        except ValidationError:
            if throttle.is_used_up(**tried):
                sessions.hold_up(username=tried["account"], now=timezone.now())
            raise
        throttle.forget(**tried)
        return cleaned

    def confirm_login_allowed(self, user):
        if not user.is_active:
            raise self.get_invalid_login_error()

    def login(self, request, redirect_url=None):
        """Goes through the steps that this person's account asks for; the answer is the next."""
        login = Login(user=self.get_user(), redirect_url=redirect_url)
        return flows.login.perform_password_login(request, {}, login)


class OwnPasswordForm(PlainForm, PasswordChangeForm):
    """The old password and a new one. Wrong ones are counted as at sign-in, apart from those."""

    error_messages = PasswordChangeForm.error_messages | {"too_many": WRONG_PASSWORDS}

    def __init__(self, *args, address, **kwargs):
        super().__init__(*args, **kwargs)
        self.trier = {"account": f"password of {self.user.username}", "address": address}

    def clean_old_password(self):
        if not throttle.may_try(now=timezone.now(), **self.trier):
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        password = super().clean_old_password()
        throttle.forget(**self.trier)
        return password


class PasswordAgainForm(PlainForm, ReauthenticateForm):
    """The password once more, before a matter of security."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=4096,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


def code_input():
    return forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    )


class CountedCode(PlainForm):
    """A one-time or recovery code. Tries are counted for the person and the address."""

    code = forms.CharField(
        label=pgettext_lazy("second factor", "Code"), max_length=20, widget=code_input()
    )

    def clean_code(self):
        address = throttle.address_of(context.request)
        tried = {"account": f"second factor of {self.user.username}", "address": address}
        if not throttle.may_try(now=timezone.now(), **tried):
            raise ValidationError(SignInForm.error_messages["too_many"], code="too_many")
        try:
            code = super().clean_code()
            use_up(self.user, code)
        except ValidationError:
            if throttle.is_used_up(**tried):
                sessions.hold_up(username=self.user.username, now=timezone.now())
            raise
        except InvalidToken as error:
            logger.error("What codes are made of cannot be read: SECRET_KEY is another one.")
            raise get_mfa_adapter().validation_error("incorrect_code") from error
        throttle.forget(**tried)
        return code


def use_up(person, code) -> None:
    """Raises ValidationError if the person has shown the code before.

    The library remembers a code for one period; with a tolerance it is right for several.
    """
    lives = settings.MFA_TOTP_PERIOD * (2 * settings.MFA_TOTP_TOLERANCE + 1)
    key = f"signin.code?person={person.pk}&code={normalize_user_code(code)}"
    if not cache.add(key, True, timeout=lives):
        raise get_mfa_adapter().validation_error("incorrect_code")


class CodeForm(CountedCode, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(CountedCode, CodeReauthenticateForm):
    """A code once more, before a matter of security."""


class AppForm(PlainForm, ActivateTOTPForm):
    """The first code of an app; it does not sign in as well."""

    code = forms.CharField(label=_("Code that the app shows"), max_length=20, widget=code_input())

    def clean_code(self):
        code = super().clean_code()
        use_up(self.user, code)
        return code


def readable(check):
    """What a check of what a browser sent returns.

    The library reads bytes that anybody may have written and says in many ways that it cannot.
    """
    try:
        return check()
    except ValidationError:
        raise
    except Exception as error:
        raise get_mfa_adapter().validation_error("incorrect_code") from error


class PasskeyStepForm(AuthenticateWebAuthnForm):
    def clean_credential(self):
        return readable(super().clean_credential)


class PasskeySignInForm(LoginWebAuthnForm):
    def clean_credential(self):
        return readable(super().clean_credential)


class PasskeyAgainForm(ReauthenticateWebAuthnForm):
    def clean_credential(self):
        return readable(super().clean_credential)


class PasskeyForm(PlainForm, AddWebAuthnForm):
    """A new passkey, as the browser has made it."""

    name = forms.CharField(label=pgettext_lazy("passkey", "Name"), max_length=100, required=False)

    def clean(self):
        return readable(super().clean)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with it instead of the password")
        passwordless.help_text = _("The device then asks for a fingerprint, face or PIN.")
        passwordless.initial = True


class LinkForm(PlainForm):
    """Where to mail a link to. Ten for an address, and ten from one place, in a quarter of an hour:
    whether anybody has the address changes nothing.
    """

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
    )

    def __init__(self, *args, address, **kwargs):
        super().__init__(*args, **kwargs)
        self.address = address

    def clean_email(self):
        email, now = self.cleaned_data["email"], timezone.now()
        from_here = throttle.may_try(account="links", address=self.address, now=now)
        if not (from_here and throttle.may_try(account=f"link for {email}", address="", now=now)):
            words = _("Too many links were asked for. Wait a quarter of an hour.")
            raise ValidationError(words, code="too_many")
        return email


class PasswordByLinkForm(NewPasswordForm):
    key = forms.CharField(max_length=100, widget=forms.HiddenInput)
