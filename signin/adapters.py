"""What django-allauth asks the application about: who may pass, and what is remembered of it."""

import datetime as dt
import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import throttle
from accounts.models import Organisation
from signin import secrets
from signin.devices import device_in_words
from signin.middleware import SEEN
from signin.passwords import is_password_of
from signin.services import company, sessions

CLOSED = _("This account is closed. Ask an administrator.")
NOBODY = _("Nobody here belongs to this company account. Ask an administrator.")
NOT_CONFIRMED = _("The company account was not confirmed. Try again, or sign in with your name.")


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts. Only administrators make them; nothing is said of what went well."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many attempts. Try again in a quarter of an hour."),
        "incorrect_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request):
        return False

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        """Our pages say themselves what was done."""

    def send_notification_mail(self, *args, **kwargs):
        """Our services tell people, through the outbox."""

    def get_client_ip(self, request):
        return throttle.address_of(request)

    def is_safe_url(self, url):
        """An address on this very site; the other names it is known by are other sites."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def reauthenticate(self, user, password):
        tried = {
            "account": f"password of {user.username}",
            "address": throttle.address_of(self.request),
        }
        if not throttle.may_try(now=timezone.now(), **tried):
            raise ValidationError(self.error_messages["too_many_login_attempts"], code="too_many")
        if not is_password_of(user, password):
            return False
        throttle.forget(**tried)
        return True

    def is_reauthentication_required(self, *, app, **kwargs):
        """Who signed in a moment ago need not say again who they are."""
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] >= REAUTHENTICATION_TIMEOUT

    def get_login_stages(self):
        return ["signin.stages.SecondStepStage"]

    def respond_user_inactive(self, request, user):
        messages.error(request, CLOSED)
        return redirect("account_login")

    def login(self, request, user):
        # However somebody came, a later request finds them in our own table.
        user.backend = "django.contrib.auth.backends.ModelBackend"
        super().login(request, user)
        now = timezone.now()
        request.session.set_expiry(now + dt.timedelta(seconds=settings.SESSION_COOKIE_AGE))
        request.session[SEEN] = now.isoformat()
        request.session.save()
        methods = [
            record.get("type") or record["method"]
            for record in get_authentication_records(request, user)
        ]
        sessions.begin_session(
            person=user,
            now=now,
            methods=methods,
            key=request.session.session_key,
            device=request.headers.get("User-Agent", ""),
            address=throttle.address_of(request),
        )

    def logout(self, request):
        sessions.sign_out(person=request.user, now=timezone.now())
        super().logout(request)


class CompanyAdapter(DefaultSocialAccountAdapter):
    """Company accounts (OpenID Connect): each belongs to one person here, or to nobody."""

    def get_requests_session(self):
        """The provider is asked where it says it is, and nowhere else that it leads to."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def pre_social_login(self, request, sociallogin):
        if sociallogin.is_existing:
            return
        person = company.person_of(sociallogin, now=timezone.now())
        if person is None:
            raise ImmediateHttpResponse(refuse(request, NOBODY))
        if not person.is_active:
            raise ImmediateHttpResponse(refuse(request, CLOSED))
        company.link(sociallogin, person=person, request=request, now=timezone.now())

    def on_authentication_error(self, request, provider, **kwargs):
        raise ImmediateHttpResponse(refuse(request, NOT_CONFIRMED))


def refuse(request, words):
    """Back to signing in, with the reason."""
    messages.error(request, words)
    return redirect("account_login")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Second factors. What they are computed from is kept enciphered."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This is not right. A code works once, and for half a minute."),
    }

    def encrypt(self, text):
        return secrets.encipher(text)

    def decrypt(self, encrypted_text):
        return secrets.decipher(encrypted_text)

    def get_totp_label(self, user):
        return user.username

    def get_totp_issuer(self):
        return Organisation.current().name or self._get_site_name()

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user):
        return super().get_public_key_credential_user_entity(user) | {"name": user.username}

    def generate_authenticator_name(self, user, type):
        return device_in_words(self.request.headers.get("User-Agent", ""))
