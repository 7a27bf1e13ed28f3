"""A real SMTP server on a port of its own that can be told to misbehave."""

import email
import email.policy
import socketserver
import threading
from contextlib import contextmanager

from django.core.mail import get_connection


class MailServer(socketserver.ThreadingTCPServer):
    """`taken` are the mails it accepted; `manners` say how it treats the next ones, in order.

    Manners: "refuse" the recipient (550), "later" (451), "bye" (421 and hang up), "drop" the line
    before the answer to the mail, "swallow" (take the mail, then drop the line), "hang".
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken = []
        self.manners = []
        self.connections = 0

    def connection(self, timeout=5):
        host, port = self.server_address
        backend = "django.core.mail.backends.smtp.EmailBackend"
        return get_connection(backend, host=host, port=port, timeout=timeout)


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections += 1
        self.say("220 ready")
        manner = ""
        while line := self.rfile.readline().decode().strip():
            verb = line.split()[0].upper()
            if verb == "MAIL":
                manner = self.server.manners.pop(0) if self.server.manners else ""
            if verb == "MAIL" and manner == "bye":
                return self.say("421 closing")
            if verb == "RCPT" and manner in REFUSALS:
                self.say(REFUSALS[manner])
            elif verb == "DATA":
                if not self.take(manner):
                    return None
            else:
                self.say("354 go on" if verb == "DATA" else "250 ok")
            if verb == "QUIT":
                return None

    def take(self, manner) -> bool:
        """Whether the line is still open after a mail."""
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        if manner == "hang":
            self.rfile.readline()
        if manner in ("drop", "hang"):
            return False
        text = b"".join(lines)
        self.server.taken.append(email.message_from_bytes(text, policy=email.policy.default))
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
