"""What is asked about a session on the way to every page, without a statement."""

import datetime as dt

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from signin.models import SignedIn

SEEN = "seen_at"
SEEN_EVERY = dt.timedelta(minutes=10)


class SeenMiddleware:
    """Ends a session long unused; remembers every ten minutes that one is in use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        seen, now = request.session.get(SEEN), timezone.now()
        unused = now - dt.datetime.fromisoformat(seen) if seen else dt.timedelta()
        if unused >= settings.SESSION_UNUSED:
            logout(request)
        elif unused >= SEEN_EVERY:
            request.session[SEEN] = now.isoformat()
            SignedIn.objects.filter(session=request.session.session_key).update(seen_at=now)
        return self.get_response(request)


# What an administrator reaches before there is a second factor.
OPEN = {
    "account_logout",
    "account_reauthenticate",
    "accounts:set_language",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
}


class SecondFactorMiddleware:
    """An administrator who has not shown a second factor is led to where there is one to be had.

    Asked of the session: how one signed in stands in it, so it costs no statement. Pages that
    need no signing in stay open.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        is_open = not getattr(view, "login_required", True) or _name(request) in OPEN
        if is_open or not must_show_second_factor(request):
            return None
        there = reverse("mfa_index")
        return HttpResponseClientRedirect(there) if request.htmx else redirect(there)


def must_show_second_factor(request) -> bool:
    """Whether this session still lacks the second factor that an administrator needs."""
    shown = {"mfa", "socialaccount"} if settings.OIDC_HAS_SECOND_FACTOR else {"mfa"}
    return needs_second_factor(request.user) and not any(
        record["method"] in shown for record in get_authentication_records(request, request.user)
    )


def needs_second_factor(person) -> bool:
    """Whether the setting asks this person for a second factor."""
    return settings.SECOND_FACTOR_FOR_ADMINISTRATORS and (
        getattr(person, "is_staff", False) or getattr(person, "is_records_administrator", False)
    )


def _name(request) -> str:
    return request.resolver_match.view_name
