"""To the company's identity provider, and back."""

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from jwt import PyJWTError, get_unverified_header
from requests import RequestException

from signin.adapters import refuse

# An answer that is none: not there, not JSON, without what the standard asks for.
UNREADABLE = (RequestException, PyJWTError, KeyError, TypeError, ValueError, AttributeError)
# Signatures with a key of which only the provider has the other half.
ALGORITHMS = {f"{kind}{bits}" for kind in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {
    "EdDSA"
}


class OpenIDConnect(OpenIDConnectOAuth2Adapter):
    """Checks the signature of the token, although it came over a line of our own."""

    @property
    def openid_config(self):
        """What the provider says of itself, if it says that it is the one that was configured."""
        found = super().openid_config
        server = self.get_provider().app.settings["server_url"]
        issuer = server.partition("/.well-known/")[0]
        if found["issuer"].rstrip("/") != issuer.rstrip("/"):
            raise ValueError("another issuer")
        return found

    def complete_login(self, request, app, token, **kwargs):
        self.did_fetch_access_token = False
        try:
            login = super().complete_login(request, app, token, **kwargs)
        except UNREADABLE as error:
            raise OAuth2Error("unreadable answer") from error
        data = login.account.extra_data
        if data.get("userinfo", {}).get("sub") != data.get("id_token", {}).get("sub"):
            raise OAuth2Error("two different people")
        return login

    def _decode_id_token(self, app, id_token):
        if get_unverified_header(id_token)["alg"] not in ALGORITHMS:
            raise OAuth2Error("another algorithm")
        return super()._decode_id_token(app, id_token)


@login_not_required
@require_POST
def begin(request, provider_id):
    """Leads there by a page of our own: browsers let a form lead to no other site (CSP)."""
    require_company_accounts()
    provider = get_adapter().get_provider(request, provider=provider_id)
    try:
        away = provider.redirect(
            request, AuthProcess.LOGIN, next_url=get_next_redirect_url(request)
        )
    except UNREADABLE:
        return refuse(request, _("The company account cannot be reached now. Try again later."))
    return render(
        request, "signin/away.html", {"there": away["Location"], "company": provider.name}
    )


@login_not_required
@require_GET
def come_back(request, provider_id):
    require_company_accounts()
    view = OAuth2CallbackView.adapter_view(OpenIDConnect(request, provider_id))
    try:
        return view(request)
    except UNREADABLE:
        return refuse(request, _("The company account cannot be reached now. Try again later."))


def require_company_accounts() -> None:
    if not settings.COMPANY_ACCOUNTS:
        raise Http404
