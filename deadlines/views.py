"""The mails: what waits, was sent or failed, for administrators; and everybody's own."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from coordination.pages import page_of
from deadlines import kinds
from deadlines.delivery import Withdrawn, compose
from deadlines.models import Message
from deadlines.permissions import MESSAGE
from deadlines.services import retry_message

State = Message.State
# Asked as the partial indexes of Message are written: SQLite uses none on a list of states.
TABS = [
    ("", gettext_lazy("All"), {}),
    ("waiting", gettext_lazy("Waiting"), {"next_attempt_at__isnull": False}),
    ("failed", gettext_lazy("Failed"), {"state": State.FAILED}),
    ("sent", gettext_lazy("Sent"), {"state": State.SENT}),
    ("cancelled", gettext_lazy("Cancelled"), {"state": State.CANCELLED}),
]


class MessageList(TemplateView):
    """Every mail by state, without its words: to whom, about which kind of thing, what became."""

    template_name = "deadlines/message_list.html"

    def get(self, request, *args, **kwargs):
        MESSAGE.require(request.user, "list", None)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        chosen = self.request.GET.get("state", "")
        tab = {code: tab for code, _label, tab in TABS}.get(chosen, {})
        rows = Message.objects.filter(**tab).select_related("recipient")
        mails, before = page_of(
            rows.prefetch_related("reminders__deadline", "notices"), self.request
        )
        for mail in mails:
            mail.about = _about(mail)
        return super().get_context_data(
            mails=mails, before=before, tabs=TABS, chosen=chosen, **kwargs
        )


class MyMessages(TemplateView):
    """What was mailed to the person, newest first."""

    template_name = "deadlines/my_messages.html"

    def get_context_data(self, **kwargs):
        sent = Message.objects.filter(recipient=self.request.user, state=State.SENT)
        mails, before = page_of(sent, self.request)
        return super().get_context_data(mails=mails, before=before, **kwargs)


class MessageDetail(TemplateView):
    """One mail: what became of it, and for those who may know its words."""

    template_name = "deadlines/message_detail.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        mail = get_message(user, self.kwargs["pk"])
        may_read = MESSAGE.allows(user, "read", mail)
        return super().get_context_data(
            mail=mail,
            may_read=may_read,
            words=_words(mail) if may_read else None,
            may_retry=MESSAGE.allows(user, "retry", mail) and mail.state == State.FAILED,
            may_list=MESSAGE.allows(user, "list", None),
            **kwargs,
        )


@require_POST
def message_retry(request, pk):
    mail = get_message(request.user, pk)
    retry_message(message=mail, by=request.user, now=timezone.now())
    messages.success(request, _("The mail waits again and leaves within a minute."))
    return redirect("deadlines:message_detail", mail.pk)


def get_message(user, pk) -> Message:
    """The message, if this person may know of it; Http404 otherwise."""
    return get_object_or_404(Message.objects.visible_to(user).select_related("recipient"), pk=pk)


def _about(mail) -> list[str]:
    """What a mail is about in general: the names of the duties, no word of the tasks."""
    duties = {str(kinds.get(r.deadline.kind).label) for r in mail.reminders.all()}
    return sorted(duties) + ([_("Changes")] if mail.notices.all() else [])


def _words(mail) -> dict | None:
    """Subject and text as sent, or as they would leave now; None when nothing would."""
    if mail.state == State.SENT:
        return {"subject": mail.subject, "text": mail.text}
    try:
        written = compose(mail, timezone.now())
    except Withdrawn:
        return None
    return {"subject": written.subject, "text": written.text}
