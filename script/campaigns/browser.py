"""A person's browser, reduced to what a campaign needs: pages and one form."""

import http.client
import secrets
import time
import uuid
from urllib.parse import urlencode, urlsplit

from django.test import Client

from tasks.models import Task


class Browser:
    """Signed in as a person, at the address of the site's web processes."""

    def __init__(self, address: str, person):
        client, key = Client(), secrets.token_hex(16)
        client.force_login(person)
        self.site = urlsplit(address)
        self.key = key
        self.headers = {
            "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={key}",
            "Referer": address,
        }
        self.talks = f"/tasks/{Task.objects.get().pk}/communications/we-talked/"

    def open(self, path: str) -> int:
        """The status of the answer; 599 when there is none."""
        return self._ask("GET", path, None)

    def save_talk(self, name: str) -> tuple[int, float]:
        """Sends the form "We talked" about `name`: the status, and the time it took in seconds."""
        rows = {f"participants-{word}_FORMS": 0 for word in ("TOTAL", "INITIAL")}
        form = {"csrfmiddlewaretoken": self.key, "once": uuid.uuid4(), "topic": f"#{name}"} | rows
        began = time.perf_counter()
        status = self._ask("POST", self.talks, urlencode(form))
        return status, time.perf_counter() - began

    def _ask(self, method, path, body) -> int:
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        line = http.client.HTTPConnection(self.site.hostname, self.site.port, timeout=30)
        try:
            line.request(method, path, body, self.headers | kind)
            answer = line.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 599
        finally:
            line.close()
