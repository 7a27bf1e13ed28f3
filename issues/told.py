"""Who was told of a cross-department issue, when, how, and with what result (R20)."""

from collections import defaultdict

from deadlines.models import Reminder, Role
from issues.choices import Grade
from issues.models import Escalation


def who_was_told(issue) -> list[Escalation]:
    """In the order of telling, each with `reminders`: one of each message that came since.

    None while an issue is general. Two statements, however many there are.
    """
    if issue.grade == Grade.GENERAL or issue.reported_at is None:
        return []
    found = list(issue.escalations.with_telling())
    reminders = _reminders(issue, found)
    for escalation in found:
        escalation.issue = issue
        escalation.reminders = reminders.get(escalation.pk, [])
    return found


def _reminders(issue, escalations) -> dict[int, list[Reminder]]:
    """Those of the duty to acknowledge that went to the person themselves, by escalation."""
    sent = Reminder.objects.filter(
        role=Role.OWNER,
        deadline__kind="escalation_ack",
        deadline__task_id=issue.task_id,
        deadline__subject_id__in=[escalation.pk for escalation in escalations],
    )
    by_subject = defaultdict(dict)
    for reminder in sent.select_related("deadline", "message").order_by("pk"):
        # Steps that were told together reminded the person once.
        by_subject[reminder.deadline.subject_id][reminder.message_id] = reminder
    return {subject: list(messages.values()) for subject, messages in by_subject.items()}
