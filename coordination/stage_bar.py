"""Where a task stands, what is missing, who is next: the five stages of the form in one line."""

from dataclasses import dataclass

from django.db.models import Count, TextField, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from coordination.words import listing
from tasks.choices import Answer, Stage, SubtaskState
from tasks.services.assignment import coverage_of

# The step of the bar on which each stage of the task stands.
STEP_OF = {
    Stage.DRAFT: 1,
    Stage.CONSULTATION: 1,
    Stage.ASSIGNMENT: 2,
    Stage.EXECUTION: 3,
    Stage.REVIEW: 5,
    Stage.ARCHIVED: 6,
}


@dataclass(frozen=True)
class Step:
    number: int
    name: str
    status: str
    """`done`, `current` or `upcoming`."""
    note: str


def steps(task) -> list[Step]:
    """The five steps, each with what is missing on it while it is the current one."""
    here = STEP_OF.get(task.stage, 0)
    names = [
        _("Initiation"),
        _("Assignment"),
        _("Communication and progress"),
        _("Issues"),
        _("Review and archive"),
    ]
    notes = _notes(task)
    return [
        Step(number, name, _status(number, here), notes.get(number, ""))
        for number, name in enumerate(names, start=1)
    ]


def _status(number, here) -> str:
    if here == STEP_OF[Stage.EXECUTION] and number == 4:
        return "current"  # work and its problems run side by side
    if number < here:
        return "done"
    return "current" if number == here else "upcoming"


def _notes(task) -> dict[int, str]:
    writers = {
        Stage.DRAFT: _draft_notes,
        Stage.CONSULTATION: _consultation_notes,
        Stage.ASSIGNMENT: _assignment_notes,
        Stage.EXECUTION: _work_notes,
        Stage.REVIEW: _review_notes,
    }
    return writers[task.stage](task) if task.stage in writers else {}


def _draft_notes(task):
    return {1: _("%(person)s completes and submits it") % {"person": task.initiator}}


def _consultation_notes(task):
    waiting = [c for c in task.collaborations.all() if c.answer == Answer.PENDING]
    if waiting:
        names = listing(c.department for c in waiting)
        return {1: _("Waiting for %(departments)s") % {"departments": names}}
    return {1: _("%(person)s opens the assignment") % {"person": task.initiator}}


def _assignment_notes(task):
    cover = coverage_of(task)
    if cover.complete:
        return {2: _("%(person)s confirms it") % {"person": task.initiator}}
    gaps = ngettext("%d taken by nobody", "%d taken by nobody", len(cover.gaps)) % len(cover.gaps)
    twice = ngettext("%d taken twice", "%d taken twice", len(cover.overlaps)) % len(cover.overlaps)
    return {2: " · ".join([gaps] * bool(cover.gaps) + [twice] * bool(cover.overlaps))}


def _work_notes(task):
    counts = _counts(task)
    done = _("%(done)d of %(all)d subtasks done") % counts
    logs, issues = counts["logs"], counts["issues"]
    due = [ngettext("%d log open", "%d logs open", logs) % logs] if logs else []
    found = ngettext("%d open", "%d open", issues) % issues if issues else _("None open")
    return {3: " · ".join([done, *due]), 4: found}


def _counts(task) -> dict[str, int]:
    """Subtasks in all and done, logs due, issues open: in one statement, on every page."""
    subtasks = task.subtasks.live()
    rows = {
        "all": subtasks,
        "done": subtasks.filter(state=SubtaskState.DONE),
        "logs": task.communications.to_log(timezone.now()),
        "issues": task.issues.open(),
    }
    first, *others = [_count(name, found) for name, found in rows.items()]
    return dict.fromkeys(rows, 0) | dict(first.union(*others, all=True))


def _count(name, rows):
    named = rows.order_by().annotate(counted=Value(name, TextField())).values("counted")
    return named.annotate(times=Count("pk")).values_list("counted", "times")


def _review_notes(task):
    if task.department.head:
        signs = _("%(person)s signs") % {"person": task.department.head}
    else:
        signs = _("Nobody heads the department yet")
    return {5: signs}
