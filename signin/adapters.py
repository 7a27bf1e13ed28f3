"""What django-allauth asks the application about: who may pass, and what is remembered of it."""

import datetime as dt

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import throttle
from signin.middleware import SEEN
from signin.services import sessions


class AccountAdapter(DefaultAccountAdapter):
    """Local accounts. Only administrators make them; nothing is said of what went well."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": _("Too many attempts. Try again in a quarter of an hour."),
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

    def login(self, request, user):
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
