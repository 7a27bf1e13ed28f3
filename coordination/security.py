"""Headers on every answer; the cookie of messages."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


class ContentSecurityPolicyMiddleware:
    """Nothing from elsewhere, nothing inline: text that people type can never run."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith("/static/"):
            return response
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class _MessageCookie(CookieStorage):
    @property
    def cookie_name(self):
        return f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(FallbackStorage):
    """Django's own, under the name that all our cookies have."""

    storage_classes = (_MessageCookie, SessionStorage)
