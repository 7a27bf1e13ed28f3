"""One's own security: the password, the second factors, and where one is signed in."""

import datetime as dt

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from signin.devices import device_in_words
from signin.middleware import must_show_second_factor
from signin.models import SignedIn
from signin.services import factors, sessions


class Security(TemplateView):
    template_name = "signin/security.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            sessions=shown_sessions(self.request.user, timezone.now()),
            here=self.request.session.session_key,
            unused_hours=settings.SESSION_UNUSED // dt.timedelta(hours=1),
            **shown_factors(self.request.user),
            in_directory=bool(settings.LDAP_URL),
            must_show=must_show_second_factor(self.request),
            **kwargs,
        )


def shown_factors(person) -> dict:
    """A person's second factors by their type, for the page."""
    found = factors.factors_of(person)
    return {
        "app": next((factor for factor in found if factor.type == "totp"), None),
        "passkeys": [factor.wrap() for factor in found if factor.type == "webauthn"],
        "codes": next((each.wrap() for each in found if each.type == "recovery_codes"), None),
    }


def shown_sessions(person, now) -> list[SignedIn]:
    """The living sessions of a person, each with its device in words."""
    found = sessions.living(person, now)
    for row in found:
        row.device_words = device_in_words(row.device)
    return found


@require_POST
def session_end(request, pk):
    row = get_object_or_404(SignedIn.objects.select_related("person"), pk=pk, person=request.user)
    sessions.end_session(row=row, by=request.user, now=timezone.now())
    messages.success(request, _("The session has ended."))
    return redirect("mfa_index")


@require_POST
def sessions_end_others(request):
    here = request.session.session_key
    sessions.end_other_sessions(person=request.user, but=here, by=request.user, now=timezone.now())
    messages.success(request, _("Everywhere else you are signed out now."))
    return redirect("mfa_index")
