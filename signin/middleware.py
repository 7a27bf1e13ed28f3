"""What is asked about a session on the way to every page, without a statement."""

import datetime as dt

from django.utils import timezone

from signin.models import SignedIn

SEEN = "seen_at"
SEEN_EVERY = dt.timedelta(minutes=10)


class SessionMiddleware:
    """Remembers every ten minutes that a session is in use."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        seen, now = request.session.get(SEEN), timezone.now()
        if seen and now - dt.datetime.fromisoformat(seen) >= SEEN_EVERY:
            request.session[SEEN] = now.isoformat()
            SignedIn.objects.filter(session=request.session.session_key).update(seen_at=now)
        return self.get_response(request)
