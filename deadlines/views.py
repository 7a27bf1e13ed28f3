"""What people are told: everybody's own under the bell; every mail for administrators."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from coordination.pages import before_in, page_of
from deadlines import bell, kinds
from deadlines.mails import compose
from deadlines.models import Message, Notice, Reminder
from deadlines.permissions import MESSAGE
from deadlines.services import retry_message, see_messages
from deadlines.told import Withdrawn

State = Message.State
# Asked as the partial indexes of Message are written: SQLite uses none on a list of states.
TABS = [
    ("", gettext_lazy("All"), {}),
    ("waiting", gettext_lazy("Waiting"), {"next_attempt_at__isnull": False}),
    ("failed", gettext_lazy("Failed"), {"state": State.FAILED}),
    ("sent", gettext_lazy("Sent"), {"state": State.SENT}),
    ("cancelled", gettext_lazy("Cancelled"), {"state": State.CANCELLED}),
]
SHOW = [
    ("", gettext_lazy("All")),
    ("new", gettext_lazy("Not seen")),
    ("duties", gettext_lazy("Duties")),
    ("changes", gettext_lazy("Changes")),
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
        mails, before = page_of(rows, self.request)
        about = _about(mails)
        for mail in mails:
            mail.about = about[mail.pk]
        return super().get_context_data(
            mails=mails, before=before, tabs=TABS, chosen=chosen, **kwargs
        )


class NotificationList(TemplateView):
    """What the person was told, newest first, whatever became of its mail."""

    template_name = "deadlines/notification_list.html"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        chosen = self.request.GET.get("show", "")
        rows = bell.messages_of(user, chosen, before_in(self.request))
        rows = rows.prefetch_related(*bell.first_told())
        found, before = page_of(rows, self.request, bell.PAGE_SIZE)
        return super().get_context_data(
            nav="notifications",
            notifications=bell.notifications(found, user, now),
            new=[message.pk for message in found if message.seen_at is None],
            before=before,
            tabs=SHOW,
            chosen=chosen,
            now=now,
            **kwargs,
        )


class NotificationDetail(TemplateView):
    """One message with all that it tells, a page at a time."""

    template_name = "deadlines/notification_detail.html"

    def get_context_data(self, **kwargs):
        user, now = self.request.user, timezone.now()
        message = get_object_or_404(Message, recipient=user, pk=self.kwargs["pk"])
        reminders, before = page_of(bell.told_duties(message.reminders), self.request)
        notices, changes_before = page_of(
            message.notices.select_related("event"), self.request, name="changes_before"
        )
        duties, changes = bell.visible(reminders, notices, user, now)
        return super().get_context_data(
            nav="notifications",
            message=message,
            duties=duties,
            changes=changes,
            mail=bell.mail_words(message, now),
            new=[message.pk] if message.seen_at is None else [],
            before=before,
            changes_before=changes_before,
            now=now,
            **kwargs,
        )


@require_POST
def notifications_seen(request):
    """All of one's messages, or those that a page has shown (`message`: their ids)."""
    shown = request.POST.getlist("message") or None
    ids = shown and [int(pk) for pk in shown if pk.isascii() and pk.isdigit() and len(pk) < 19]
    see_messages(by=request.user, now=timezone.now(), ids=ids)
    if request.htmx:
        return render(request, "deadlines/notifications_seen.html")
    return redirect("deadlines:notification_list")


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


def _about(mails) -> dict[int, list[str]]:
    """What each mail is about in general: the names of the duties, no word of the tasks."""
    found = {mail.pk: set() for mail in mails}
    duties = Reminder.objects.filter(message__in=found).values_list("message", "deadline__kind")
    for mail, kind in duties.distinct():
        found[mail].add(str(kinds.get(kind).label))
    changes = Notice.objects.filter(message__in=found).values_list("message", flat=True)
    told = set(changes.distinct())
    return {
        pk: sorted(names) + ([_("Changes")] if pk in told else []) for pk, names in found.items()
    }


def _words(mail) -> dict | None:
    """Subject and text as sent, or as they would leave now; None when nothing would."""
    if mail.state == State.SENT:
        return {"subject": mail.subject, "text": mail.text}
    try:
        written = compose(mail, timezone.now())
    except Withdrawn:
        return None
    return {"subject": written.subject, "text": written.kept}
