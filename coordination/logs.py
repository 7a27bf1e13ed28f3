"""One line of the log: when (UTC), how bad, who says it, what, and of which request; nothing that
opens a door.
"""

import logging
import re
import time

from django.views.debug import SafeExceptionReporterFilter

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


HIDDEN = "[hidden]"
SECRETS = re.compile(
    # In the address: keys of links in mails, codes of a company's sign-in; in a header: cookies.
    r"(?P<name>\b(?:key|token|code|ticket|password\w*|secret|sessionid|csrf\w*)=)[^&;\s\"'<>]+"
    # Whoever holds it may stop the mails of a person.
    r"|(?P<path>/mail-about-changes/)[^/?\s\"'<>]+",
    re.IGNORECASE,
)


def without_secrets(text: str) -> str:
    """A line or a traceback with its secrets hidden."""
    return SECRETS.sub(lambda found: (found["name"] or found["path"]) + HIDDEN, text)


class HidingFormatter(logging.Formatter):
    """Every line of every log passes here, tracebacks too."""

    def format(self, record):
        return without_secrets(super().format(record))


class LineFormatter(HidingFormatter):
    """An entry begins at the edge and is one line; what belongs to it, such as a traceback, stands
    indented below. No text that people send can end a line, so none can forge an entry.
    """

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self):
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record):  # noqa: N802
        line = super().formatMessage(record)
        request = getattr(record, "request", None)
        return one_line(f"{line} {asked_by(request)}" if hasattr(request, "META") else line)

    def formatException(self, ei):  # noqa: N802
        return indented(super().formatException(ei))

    def formatStack(self, stack_info):  # noqa: N802
        return indented(super().formatStack(stack_info))


def one_line(text: str) -> str:
    """What would end or disturb a line, as Python writes it: \\n, \\x1b, \\u2028."""
    return CONTROL.sub(lambda found: repr(found.group())[1:-1], text)


def indented(text: str) -> str:
    return "\n".join(f"    {one_line(line)}" for line in text.split("\n"))


def asked_by(request) -> str:
    """“[POST, person 12, 192.0.2.7]”; asks no database, which may be what the line is about."""
    from accounts.throttle import address_of  # The log is set up before there are models.

    person = getattr(getattr(request, "_cached_user", None), "pk", None)
    who = f"person {person}" if person else "nobody"
    return f"[{request.method}, {who}, {address_of(request)}]"


class ReportFilter(SafeExceptionReporterFilter):
    """A report of an error says where it happened, and none of the values at that moment."""

    def is_active(self, request):
        return True

    def get_post_parameters(self, request):
        return dict.fromkeys(request.POST, HIDDEN) if request else {}

    def get_traceback_frame_variables(self, request, tb_frame):
        return [(name, HIDDEN) for name in tb_frame.f_locals]

    def get_safe_request_meta(self, request):
        meta = super().get_safe_request_meta(request)
        return {name: without_secrets(str(value)) for name, value in meta.items()}
