"""/healthz, for load balancers and monitoring: whether pages work and time passes, as JSON."""

import logging
from concurrent.futures import wait

from django.http import HttpResponseNotAllowed, JsonResponse
from django.utils import timezone

from deadlines import health, probe

logger = logging.getLogger(__name__)

PATH = "/healthz"
# Everything is answered within a second.
PATIENCE = 0.7
UNKNOWN = "unknown"


class HealthzMiddleware:
    """Answers before anything asks the database who is there; needs no session and no sign-in."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return answer(request) if request.path_info == PATH else self.get_response(request)


def answer(request):
    """200, or 503 when the database is away or beat is silent; docs/running.md has an example."""
    request.get_host()  # refuses names that are not ours (ALLOWED_HOSTS)
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    checks = examine(timezone.now())
    failing = health.FAILING in checks.values()
    response = JsonResponse(
        {"status": health.FAILING if failing else health.OK, "checks": checks},
        status=503 if failing else 200,
    )
    # Django would log every 503 as an error of its own; what is wrong is in the log by now.
    response._has_been_logged = True
    return response


def examine(now) -> dict[str, str]:
    """{check: state}; a state that only the database knows is unknown without it."""
    pulse, pong = probe.database.ask(), probe.broker.ask()
    wait([pulse, pong], timeout=PATIENCE)
    checks = {
        "database": health.OK if answered(pulse) else health.FAILING,
        "broker": health.OK if answered(pong) else health.DEGRADED,
        "beat": UNKNOWN,
        "mail": UNKNOWN,
    }
    if answered(pulse):
        health.watch.look(pulse.result(), now)
        checks |= {c.code: c.state for c in health.checks(pulse.result(), now) if c.code in checks}
    else:
        logger.warning("The database does not answer: %s", error_of(pulse))
    return checks


def answered(asked) -> bool:
    return asked.done() and asked.exception() is None


def error_of(asked):
    return asked.exception() if asked.done() else f"nothing within {PATIENCE} s"
