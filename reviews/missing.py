"""What a task still lacks before it can be archived (R24)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import CharField, F, Prefetch, TextField, Value, prefetch_related_objects
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from deadlines.terms import Terms
from issues.choices import IssueState
from reviews.models import Review
from tasks.choices import PENDING
from tasks.models import SupportRequest, Target
from tasks.policies import weeks_owed
from weekly.weeks import weeks_to_send

# Kind → its words when nothing is missing, and when something is. In the order of the page.
WORDS = {
    "subtasks": (
        _("Every subtask is finished"),
        ngettext_lazy(
            "%(count)d subtask is not finished", "%(count)d subtasks are not finished", "count"
        ),
    ),
    "progress": (
        _("Progress was reported every week"),
        ngettext_lazy(
            "%(count)d weekly progress report is missing",
            "%(count)d weekly progress reports are missing",
            "count",
        ),
    ),
    "syncs": (
        _("Every weekly sync was sent"),
        ngettext_lazy(
            "%(count)d weekly sync was not sent", "%(count)d weekly syncs were not sent", "count"
        ),
    ),
    "support": (
        _("Every request for support is settled"),
        ngettext_lazy(
            "%(count)d request for support waits for its answer or its delivery",
            "%(count)d requests for support wait for their answer or their delivery",
            "count",
        ),
    ),
    "logs": (
        _("Every communication is logged"),
        ngettext_lazy(
            "%(count)d communication is not logged",
            "%(count)d communications are not logged",
            "count",
        ),
    ),
    "actions": (
        _("Every action item is answered"),
        ngettext_lazy("%(count)d action item is open", "%(count)d action items are open", "count"),
    ),
    "issues": (
        _("Every issue is closed"),
        ngettext_lazy("%(count)d issue is not closed", "%(count)d issues are not closed", "count"),
    ),
    "results": (
        _("Every target is compared with what was reached"),
        ngettext_lazy(
            "%(count)d target is not compared with what was reached",
            "%(count)d targets are not compared with what was reached",
            "count",
        ),
    ),
    "lessons": (_("Lessons are written down"), _("No lesson is written down")),
    "meeting": (_("The review meeting is logged"), _("There is no review meeting yet")),
}


@dataclass(frozen=True)
class Thing:
    """One row that is not answered yet, and the page where it can be."""

    name: str = ""
    link: str = ""


@dataclass(frozen=True)
class Check:
    """One line of the checklist; `things` are what is missing of this kind, none when it holds."""

    kind: str
    things: tuple[Thing, ...] = ()
    link: str = ""
    """The page where this kind is put in order."""

    @property
    def count(self) -> int:
        return len(self.things)

    @property
    def named(self) -> list[Thing]:
        """The things that have a name; a missing review meeting has none."""
        return [thing for thing in self.things if thing.name]

    @property
    def text(self) -> str:
        """The line in the reader's language."""
        done, missing = WORDS[self.kind]
        if not self.count:
            return str(done)
        return str(missing % {"count": self.count})


def checklist(task, *, now, may_write=True) -> list[Check]:
    """Every check of the archive in order, those that hold included; at most 7 statements.

    Whoever may not write the review is not led to its form.
    """
    found = _open_ends(task)
    terms = Terms.current(now)
    found["progress"] = _weeks_without_progress(task, terms)
    found["syncs"] = [_week(task, week) for week in weeks_to_send(task, terms)]
    found |= _review_gaps(task)
    return [Check(kind, tuple(found[kind]), _place(kind, task, may_write)) for kind in WORDS]


def _place(kind, task, may_write) -> str:
    place = PLACES[kind]
    return reverse(place, args=[task.pk]) if may_write or place != REVIEW_FORM else ""


def what_is_missing(task, *, now) -> list[Check]:
    """What the initiator must still see to, or the head must give a reason for (R24)."""
    return [check for check in checklist(task, now=now) if check.count]


def load_review(task) -> None:
    """Loads targets with their results and the review with its lessons into the task, once."""
    prefetch_related_objects(
        [task],
        Prefetch("targets", Target.objects.select_related("result")),
        Prefetch("review", Review.objects.select_related("meeting")),
        "review__lessons",
    )


def to_stored(checks) -> list[dict]:
    """What a signature keeps of them (SignOff.missing): kind, count and names, in no language."""
    return [
        {"kind": check.kind, "count": check.count, "names": [t.name for t in check.named]}
        for check in checks
    ]


def from_stored(stored: list[dict]) -> list[Check]:
    """The checks that a signature was given in spite of."""
    return [
        Check(entry["kind"], tuple(Thing(name) for name in entry["names"] or [""]))
        for entry in stored
    ]


def _open_ends(task) -> dict[str, list[Thing]]:
    """Everything of the task that waits for an answer, in one statement."""
    support = SupportRequest.objects.filter(subtask__in=task.subtasks.live(), state__in=PENDING)
    first, *others = [
        _ends("subtasks", task.subtasks.open(), "pk", "name"),
        _ends("support", support, "subtask_id", "what"),
        _ends("logs", task.communications.not_logged(), "pk", "topic"),
        _ends("actions", task.action_items.open(), "communication_id", "what"),
        _ends("issues", task.issues.exclude(state=IssueState.CLOSED), "pk", "description"),
    ]
    found = defaultdict(list)
    for kind, pk, name in first.union(*others, all=True).order_by("check_kind", "check_pk"):
        found[kind].append(Thing(name[:80], reverse(PAGES[kind], args=[pk])))
    return found


def _ends(kind, rows, pk, name):
    return (
        rows.order_by()
        .annotate(
            check_kind=Value(kind, output_field=CharField()),
            check_pk=F(pk),
            check_name=Cast(name, TextField()),
        )
        .values_list("check_kind", "check_pk", "check_name")
    )


# Where one row of a kind is answered, and where a kind as a whole is.
PAGES = {
    "subtasks": "tasks:subtask_detail",
    "progress": "tasks:subtask_detail",
    "support": "tasks:subtask_detail",
    "logs": "communications:communication_detail",
    "actions": "communications:communication_detail",
    "issues": "issues:issue_detail",
}
REVIEW_FORM = "reviews:review_edit"
PLACES = {
    "subtasks": "tasks:assignment",
    "progress": "tasks:assignment",
    "syncs": "weekly:week",
    "support": "tasks:assignment",
    "logs": "communications:communication_list",
    "actions": "communications:communication_list",
    "issues": "issues:issue_list",
    "results": REVIEW_FORM,
    "lessons": REVIEW_FORM,
    "meeting": REVIEW_FORM,
}


def _weeks_without_progress(task, terms) -> list[Thing]:
    """The weeks (by their Monday) in which a subtask was at work and nobody reported (R16)."""
    if task.confirmed_at is None:
        return []
    confirmed = terms.local_day(task.confirmed_at)
    end = terms.local_day(task.finished_at or terms.now)
    subtasks, reported = _reported_weeks(task)
    found = []
    for pk, (name, start, done_at) in subtasks.items():
        last = min(terms.local_day(done_at), end) if done_at else end
        missing = [w for w in weeks_owed(max(start, confirmed), last) if w not in reported[pk]]
        link = reverse(PAGES["progress"], args=[pk])
        found += [Thing(f"{name} {week.isoformat()}", link) for week in missing]
    return found


def _week(task, monday) -> Thing:
    """A week whose roll-up was not sent (R17), and the form that sends it."""
    address = reverse(PLACES["syncs"], args=[task.pk])
    return Thing(monday.isoformat(), f"{address}?week={monday.isoformat()}")


def _reported_weeks(task):
    """({subtask id: (name, start, done)}, {subtask id: weeks with an update}) in one statement."""
    rows = task.subtasks.live().values_list("pk", "name", "start_date", "done_at", "progress__week")
    subtasks, reported = {}, defaultdict(set)
    for pk, name, start, done_at, week in rows:
        subtasks[pk] = (name, start, done_at)
        reported[pk].add(week)
    return subtasks, reported


def _review_gaps(task) -> dict[str, list[Thing]]:
    """What the review itself lacks: results target by target, lessons, the meeting (R25)."""
    load_review(task)
    review = getattr(task, "review", None)
    return {
        "results": [Thing(str(t)) for t in task.targets.all() if not hasattr(t, "result")],
        "lessons": [] if review and review.lessons.all() else [Thing()],
        "meeting": [] if review and review.meeting_id else [Thing()],
    }
