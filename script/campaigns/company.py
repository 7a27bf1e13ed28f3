"""The people of a campaign and what they owe: logs of talks, due 24 hours after each (R13)."""

import datetime as dt
import re
from collections.abc import Sequence

from django.db.models import F
from django.utils import timezone

from accounts.models import Department, Membership, Organisation, User
from communications.models import Communication, CommunicationState
from deadlines.models import Deadline, Ladder, Message
from deadlines.policies import LOG_WITHIN, Rule
from deadlines.recount import reconcile
from tasks.choices import Stage
from tasks.models import Task

KIND = "communication_log"
CHUNK = 2000
NAME = re.compile(r"#(\d{6})")
"""How a talk is called: "#000123"; by it a reminder is known in a mail."""


def make_company(people: int, *steps: str) -> list[User]:
    """So many people of one department under one head, with one task that all of them see.

    `steps` are the ladder of the logs, told to the owner alone: "0m", "-1h" … (policies.Step).
    """
    Organisation.objects.create(pk=1, name="示例公司")
    department = Department.objects.create(name="市场部", short_name="市场")
    made = User.objects.bulk_create(_people(people), batch_size=CHUNK)
    Membership.objects.bulk_create(
        (Membership(user=user, department=department, is_main=True) for user in made),
        batch_size=CHUNK,
    )
    _make_task(department, initiator=made[0])
    Ladder.objects.create(kind=KIND, steps=[f"{step} owner" for step in steps])
    reconcile(timezone.now())
    return made


def _people(count):
    for number in range(count):
        name = f"person{number}"
        yield User(username=name, name=f"专员{number}", email=f"{name}@example.com")


def _make_task(department, initiator):
    now = timezone.now()
    Task.objects.create(
        number="2026-市场-001",
        title="Q4新品上市推广项目",
        department=department,
        initiator=initiator,
        stage=Stage.EXECUTION,
        start_date=now.date() - dt.timedelta(days=30),
        end_date=now.date() + dt.timedelta(days=30),
        created_at=now,
        submitted_at=now,
        assignment_opened_at=now,
        confirmed_at=now,
    )


def owe(people: Sequence[User], moments: Sequence[dt.datetime]) -> dict[str, dt.datetime]:
    """A log that is due at each of the moments, each person's in turn: {name of the talk: due}."""
    task = Task.objects.get()
    first = Communication.objects.count()
    due = {f"{first + index:06d}": moment for index, moment in enumerate(moments)}
    for start in range(0, len(moments), CHUNK):
        names = list(due)[start : start + CHUNK]
        talks = Communication.objects.bulk_create(
            _talk(task, people[int(name) % len(people)], name, due[name]) for name in names
        )
        Deadline.objects.bulk_create(_deadline(task, talk) for talk in talks)
    return due


def _talk(task, keeper, name, due_at):
    ended = due_at - LOG_WITHIN
    return Communication(
        task=task,
        topic=f"#{name}",
        starts_at=ended,
        ends_at=ended,
        state=CommunicationState.TO_LOG,
        opened_by=keeper,
        keeper=keeper,
    )


def _deadline(task, talk):
    """The row that the services would have opened; the recount at the end finds no difference."""
    return Deadline(
        kind=KIND,
        subject_type=Communication._meta.label_lower,
        subject_id=talk.pk,
        task_id=task.pk,
        department_id=task.department_id,
        owner=talk.keeper,
        what=talk.topic,
        context=str(task),
        link=f"/communications/{talk.pk}/complete/",
        due_at=talk.log_due_at,
        rule=Rule.HOURS,
        since=talk.ends_at,
        within=24,
        opened_at=talk.ends_at,
        next_at=talk.log_due_at,
    )


def due_now(count: int) -> list[dt.datetime]:
    return [timezone.now()] * count


def let_pass(time_span: dt.timedelta) -> None:
    """Time passes: as no clock can be turned here, all moments that lie ahead come nearer.

    Nobody may be sending: the lease of who sends would be shorter than it believes.
    """
    Communication.objects.update(
        starts_at=F("starts_at") - time_span, ends_at=F("ends_at") - time_span
    )
    Deadline.objects.filter(kind=KIND).update(
        due_at=F("due_at") - time_span,
        since=F("since") - time_span,
        next_at=F("next_at") - time_span,
    )
    Message.objects.waiting().update(next_attempt_at=F("next_attempt_at") - time_span)


def end_waiting() -> None:
    """Nobody sends: leases of those who were killed end, and what was refused is tried again."""
    Message.objects.waiting().update(next_attempt_at=timezone.now())


def anything_waits() -> bool:
    """Whether a reminder is due, or a mail has not left."""
    due = Deadline.objects.to_remind(timezone.now()).exists()
    return due or Message.objects.waiting().exists()
