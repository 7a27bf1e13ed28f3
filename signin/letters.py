"""The mail with the link to set a password. The link is made as the mail leaves, kept nowhere."""

from django.conf import settings

from deadlines.letters import Letter
from signin.links import link_for


def load(event, reader, now) -> dict:
    return {"link": link_for(reader), "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}


LINK = Letter(
    load=load,
    subject="signin/_mail_subject.txt",
    text="signin/_mail_link.txt",
    html="signin/_mail_link.html",
    secrets=("link",),
)
