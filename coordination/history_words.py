"""The acts of the history in words, as `who … what`: "经理D submitted 2024-市场-001"."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "task.created": _("drafted"),
    "task.saved": _("saved the draft"),
    "task.revised": _("revised the requirement of"),
    "task.submit": _("submitted"),
    "task.discard": _("discarded the draft"),
    "task.open_assignment": _("opened the assignment of"),
    "task.confirm": _("confirmed the assignment of"),
    "task.finish": _("called for the review of"),
    "task.resume": _("took up the work again on"),
    "task.archive": _("signed and archived"),
    "task.cancel": _("cancelled"),
    "consultation.accepted": _("accepted for"),
    "consultation.commented": _("commented for"),
    "consultation.declined": _("declined for"),
    "consultation.asked_again": _("asked again"),
    "contact.named": _("named the contact of"),
    "subtask.taken_on": _("took on"),
    "subtask.edited": _("changed"),
    "subtask.cancelled": _("took back"),
    "subtask.finished": _("finished"),
    "subtask.reopened": _("reopened"),
    "support.asked": _("asked for support:"),
    "support.accepted": _("promised:"),
    "support.rescheduled": _("promised for another date:"),
    "support.declined": _("declined:"),
    "support.delivered": _("delivered:"),
    "support.withdrawn": _("no longer needs:"),
    "progress.reported": _("reported progress:"),
    "progress.corrected": _("corrected progress:"),
    "review.written": _("wrote the review of"),
}

ROWS = {
    "targets": _("targets"),
    "work_items": _("work items"),
    "resources": _("resources"),
    "risks": _("risks"),
    "departments": _("departments involved"),
    "met": _("Reached"),
    "partly": _("Partly reached"),
    "missed": _("Not reached"),
    "keep": _("Keep"),
    "improve": _("Improve"),
}
