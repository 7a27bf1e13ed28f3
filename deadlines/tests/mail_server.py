"""A real SMTP server on a port of its own that can be told to misbehave."""

import email
import email.policy
import socketserver
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from django.core.mail import get_connection


@dataclass(frozen=True)
class Taken:
    """A mail that was accepted, and when (time.time())."""

    at: float
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)


class MailServer(socketserver.ThreadingTCPServer):
    """`accepted` are the mails it took; `manners` say how it treats the next ones, in order, and
    `manner` how all others.

    Manners: "refuse" the recipient (550), "later" (451), "bye" (421 and hang up), "drop" the line
    before the answer to the mail, "swallow" (take the mail, then drop the line), "hang".
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 50

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.accepted: list[Taken] = []
        self.manners: list[str] = []
        self.manner = ""
        self.connections = 0
        # Who talks to it now; how long it thinks before it takes a mail and how long it hangs, in
        # seconds (None: until the other side gives up).
        self.talking: set[Conversation] = set()
        self.thinks = 0.0
        self.hangs: float | None = None

    @property
    def taken(self) -> list[EmailMessage]:
        return [taken.mail for taken in self.accepted]

    def connection(self, timeout=5):
        host, port = self.server_address
        backend = "django.core.mail.backends.smtp.EmailBackend"
        return get_connection(backend, host=host, port=port, timeout=timeout)

    def handle_error(self, request, client_address):
        """Whoever talks to it may be killed in the middle of a word: that is what it is for."""


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections += 1
        self.server.talking.add(self)
        try:
            self.talk()
        finally:
            self.server.talking.discard(self)

    def talk(self):
        self.say("220 ready")
        manner = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "MAIL":
                manners = self.server.manners
                manner = manners.pop(0) if manners else self.server.manner
            if verb == "MAIL" and manner == "bye":
                return self.say("421 closing")
            if verb == "RCPT" and manner in REFUSALS:
                self.say(REFUSALS[manner])
            elif verb == "DATA":
                if not self.take(manner):
                    return None
            else:
                self.say("250 ok")
            if verb == "QUIT":
                return None

    def take(self, manner) -> bool:
        """Whether the line is still open after a mail."""
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False  # it was killed before the end of the mail
            lines.append(line.removeprefix(b"."))
        if manner == "hang":
            self.connection.settimeout(self.server.hangs)
            self.rfile.readline()
        if manner in ("drop", "hang"):
            return False
        time.sleep(self.server.thinks)
        self.server.accepted.append(Taken(time.time(), b"".join(lines)))
        if manner == "swallow":
            return False
        self.say("250 taken")
        return True

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


REFUSALS = {"refuse": "550 no such person", "later": "451 try later"}


@contextmanager
def running_mail_server():
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
