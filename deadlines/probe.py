"""Asks the database and the broker, which may hang, without waiting longer than one wants to."""

import copy
import threading
from collections.abc import Callable
from concurrent.futures import Future

import redis
from django.conf import settings
from django.db import connections
from redis.backoff import NoBackoff
from redis.retry import Retry

from deadlines.pulse import Pulse, take_pulse

BROKER_TIMEOUT = 0.3


class Probe:
    """One question, asked beside the request and once at a time: what hangs piles up nothing."""

    def __init__(self, question: Callable):
        self.question = question
        self._lock = threading.Lock()
        self._asked: Future | None = None

    def ask(self) -> Future:
        """The answer to come; who asks meanwhile waits for the same one."""
        with self._lock:
            if self._asked is None:
                self._asked = Future()
                threading.Thread(target=self._answer, args=(self._asked,), daemon=True).start()
            return self._asked

    def _answer(self, asked: Future) -> None:
        try:
            answer, error = self.question(), None
        except Exception as problem:
            answer, error = None, problem
        with self._lock:
            self._asked = None
        asked.set_exception(error) if error else asked.set_result(answer)


def _ping_broker() -> None:
    patience = {
        "socket_timeout": BROKER_TIMEOUT,
        "socket_connect_timeout": BROKER_TIMEOUT,
        # By itself the client would try again for four seconds.
        "retry": Retry(NoBackoff(), 0),
    }
    with (
        redis.Redis.from_url(settings.REDIS_URL, **patience)
        if settings.REDIS_URL
        else redis.Redis(unix_socket_path=str(settings.BROKER_SOCKET), **patience)
    ) as client:
        client.ping()


def _take_pulse() -> Pulse:
    """Over a connection of this thread alone, not one of the pool that pages wait for."""
    connections["default"] = _impatient_connection()
    try:
        return take_pulse()
    finally:
        connections["default"].close()


def _impatient_connection():
    made = connections.create_connection("default")
    if made.vendor == "postgresql":
        made.settings_dict = copy.deepcopy(made.settings_dict)
        options = made.settings_dict["OPTIONS"]
        options.pop("pool", None)
        # libpq waits at least two seconds; whoever asked has gone on by then.
        options["connect_timeout"] = 2
        options["options"] = f"{options.get('options', '')} -c statement_timeout=1000".strip()
    return made


database = Probe(_take_pulse)
broker = Probe(_ping_broker)
