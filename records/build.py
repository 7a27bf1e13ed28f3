"""Reads a task once, everything it consists of, into one TaskRecord."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

from django.db.models import (
    BigIntegerField,
    DateField,
    F,
    Prefetch,
    TextField,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Cast
from django.utils.functional import cached_property

from accounts.models import Organisation, User
from communications.models import ActionItem, Communication, CommunicationState, Participant
from issues.models import Attempt, Issue, Measure, Solution
from records import record
from records.annex import AnnexRows
from records.people import people
from records.record import TaskRecord
from reviews.models import Lesson, LessonKind
from tasks.choices import Stage
from tasks.models import Collaboration, Subtask, SupportRequest, Task


def with_everything(tasks):
    """The tasks with what `build` would otherwise fetch one statement at a time."""
    departments = Collaboration.objects.select_related("department")
    return tasks.select_related(
        "department", "initiator", "review__meeting", "sign_off", "archive"
    ).prefetch_related(Prefetch("collaborations", departments))


def build(task: Task, *, as_of=None, organisation=None, with_annex=True) -> TaskRecord:
    """The task as it stands, in at most 16 statements whatever its size.

    `as_of` is the moment it is read, printed on what is not archived yet. For an archive, call it
    without, after the signature was given and the task moved: both stand in the record.
    """
    rows = Rows(task, with_annex=with_annex)
    organisation = organisation or Organisation.current()
    return TaskRecord(
        organisation=organisation.name,
        zone=organisation.time_zone,
        stage=task.stage,
        as_of=as_of,
        basics=_basics(rows),
        assignment=_assignment(rows),
        communications=tuple(_communication(row, rows) for row in rows.communications),
        issues=tuple(_issue(row, rows) for row in rows.issues),
        summary=_summary(rows),
        annex=rows.annex and rows.annex.read(rows.people),
    )


@dataclass(frozen=True)
class Line:
    """One text in order under a parent; `more` is a second text or a code beside it."""

    text: str
    more: str


@dataclass(frozen=True)
class Commitment:
    """Who does what by when: a department (support), or a person (action item, measure)."""

    what: str
    due_date: dt.date
    promised_date: dt.date | None
    state: str
    words: str
    department: str
    owner_id: int | None


class Rows:
    """The rows of one task. Texts and commitments of many tables come by one statement each:
    the page of the record has 20 altogether, and a form has more tables than that.
    """

    def __init__(self, task, *, with_annex):
        self.task = task
        departments = Collaboration.objects.select_related("department")
        prefetch_related_objects([task], Prefetch("collaborations", departments))
        self.collaborations = list(task.collaborations.all())
        self.review = getattr(task, "review", None)
        self.sign_off = getattr(task, "sign_off", None)
        self.targets = list(task.targets.select_related("result"))
        self.lines = _lines(task)
        reports = _reports(task)
        # Of each subtask its last row remains, which has the latest progress beside it.
        self.subtasks = list({row.pk: row for row in reports}.values())
        self.progress = sorted((row for row in reports if row.week), key=lambda row: row.week)
        self.communications = list(
            task.communications.exclude(state=CommunicationState.CANCELLED).order_by(
                "starts_at", "pk"
            )
        )
        self.issues = list(task.issues.select_related("department", "subtask"))
        self.solutions = _grouped(
            Solution.objects.filter(issue__task=task).select_related("department", "meeting"),
            "issue_id",
        )
        self.commitments = _commitments(task)
        self.annex = AnnexRows(task) if with_annex else None

    @cached_property
    def people(self) -> dict[int, record.Person]:
        """Everybody named in any of the rows, with the main department's name."""
        ids = {pk for row in self._all() for pk in _people_of(row)}
        ids |= {row.reported_by_id for row in self.progress}
        ids |= {c.owner_id for group in self.commitments.values() for c in group}
        if self.annex:
            ids |= self.annex.people()
        return people(ids)

    def person(self, pk) -> record.Person | None:
        return self.people.get(pk)

    def texts(self, kind, parent) -> tuple[str, ...]:
        return tuple(line.text for line in self.lines[kind, parent.pk])

    def _all(self):
        yield self.task
        yield from chain(self.collaborations, self.subtasks, self.communications, self.issues)
        yield from chain.from_iterable(self.solutions.values())


def _grouped(rows, parent):
    groups = defaultdict(list)
    for row in rows:
        groups[getattr(row, parent)].append(row)
    return groups


def _lines(task) -> dict[tuple[str, int], list[Line]]:
    """Plain texts under what they belong to, in order: {(kind, parent's id): lines}."""
    helpers = Subtask.helpers.through.objects.filter(subtask__task=task)
    participants = Participant.objects.filter(communication__task=task)
    attempts = Attempt.objects.filter(issue__task=task)
    lessons = Lesson.objects.filter(review__task=task)
    first, *others = [
        _texts("work_item", task.work_items, "task_id", "name"),
        _texts("resource", task.resources, "task_id", "description", "kind"),
        _texts("risk", task.risks, "task_id", "description", "response"),
        _texts("helper", helpers, "subtask_id", "user__name", place="pk"),
        _texts("participant", participants, "communication_id", "name", "department_name"),
        _texts("attempt", attempts, "issue_id", "description", place="pk"),
        _texts("lesson", lessons, "review_id", "text", "kind"),
    ]
    lines = defaultdict(list)
    for kind, parent, _place, _pk, text, more in _in_order(first, others):
        lines[kind, parent].append(Line(text, more))
    return lines


def _texts(kind, rows, parent, text, more=None, *, place="position"):
    return _selected(
        kind,
        rows,
        parent,
        place,
        the_text=Cast(text, TextField()),
        the_more=Cast(more, TextField()) if more else Value("", TextField()),
    )


def _reports(task):
    """Subtasks in the order of the work items, each once for every week that was reported."""
    return (
        task.subtasks.select_related("department", "work_item")
        .annotate(
            week=F("progress__week"),
            planned=F("progress__planned"),
            actual=F("progress__actual"),
            reason=F("progress__reason"),
            reported_by_id=F("progress__reported_by_id"),
            reported_at=F("progress__reported_at"),
        )
        .order_by("work_item__position", "pk", "week")
    )


def _commitments(task) -> dict[tuple[str, int], list[Commitment]]:
    """Support, action items and measures under what they belong to, in order."""
    support = _selected(
        "support",
        SupportRequest.objects.filter(subtask__task=task),
        "subtask_id",
        "pk",
        the_what=F("what"),
        the_date=F("needed_by"),
        the_promise=F("promised_date"),
        the_state=F("state"),
        the_words=F("answer"),
        the_department=F("department__name"),
        the_owner=Value(None, BigIntegerField()),
    )
    actions = ActionItem.objects.filter(task=task)
    measures = Measure.objects.filter(solution__issue__task=task)
    others = [
        _promised("action", actions, "communication_id", F("state"), F("result")),
        _promised("measure", measures, "solution_id", Value(""), Value("")),
    ]
    commitments = defaultdict(list)
    for kind, parent, _place, _pk, *values in _in_order(support, others):
        commitments[kind, parent].append(Commitment(*values))
    return commitments


def _promised(kind, rows, parent, state, words):
    return _selected(
        kind,
        rows,
        parent,
        "position",
        the_what=F("what"),
        the_date=F("due_date"),
        the_promise=Value(None, DateField()),
        the_state=state,
        the_words=words,
        the_department=Value(""),
        the_owner=F("owner_id"),
    )


def _selected(kind, rows, parent, place, **columns):
    """(kind, parent, place, id, *columns) of some rows, ready to be united with others."""
    columns = {
        "the_kind": Value(kind, TextField()),
        "the_parent": F(parent),
        "the_place": F(place),
        "the_pk": F("pk"),
    } | columns
    return rows.order_by().annotate(**columns).values_list(*columns)


def _in_order(first, others):
    return first.union(*others, all=True).order_by("the_place", "the_pk")


def _people_of(row):
    """The ids of the people that a row points to."""
    return {getattr(row, f.attname) for f in row._meta.fields if f.related_model is User} - {None}


def _basics(rows):
    task = rows.task
    others = [c.department.name for c in rows.collaborations]
    return record.BasicInformation(
        number=task.number or "",
        title=task.title,
        department=task.department.name,
        initiator=rows.person(task.initiator_id),
        goal=task.goal,
        expected_result=task.expected_result,
        start_date=task.start_date,
        end_date=task.end_date,
        departments=(task.department.name, *others),
        background=task.background,
        targets=tuple(_target(row) for row in rows.targets),
        work_items=rows.texts("work_item", task),
        resources=tuple(
            record.Resource(line.more, line.text) for line in rows.lines["resource", task.pk]
        ),
        risks=tuple(record.Risk(line.text, line.more) for line in rows.lines["risk", task.pk]),
        consultations=tuple(_consultation(row, rows) for row in rows.collaborations),
    )


def _target(row):
    return record.Target(row.metric, row.number, row.unit, row.date)


def _consultation(row, rows):
    return record.Consultation(
        department=row.department.name,
        answer=row.answer,
        comment=row.comment,
        answered_by=rows.person(row.answered_by_id),
        answered_at=row.answered_at,
    )


def _assignment(rows):
    return record.Assignment(
        confirmed_at=rows.task.confirmed_at,
        subtasks=tuple(_subtask(row, rows) for row in rows.subtasks),
        progress=tuple(
            record.Progress(
                week=row.week,
                subtask=row.name,
                planned=row.planned,
                actual=row.actual,
                reason=row.reason,
                reported_by=rows.person(row.reported_by_id),
                reported_at=row.reported_at,
            )
            for row in rows.progress
        ),
    )


def _subtask(row, rows):
    return record.Subtask(
        name=row.name,
        work_item=row.work_item.name,
        scope=row.scope,
        department=row.department.name,
        owner=rows.person(row.owner_id),
        helpers=rows.texts("helper", row),
        goal=row.goal,
        support=tuple(_support(c) for c in rows.commitments["support", row.pk]),
        start_date=row.start_date,
        due_date=row.due_date,
        planned=row.planned,
        actual=row.actual,
        state=row.state,
        reason=row.reason or "",
    )


def _support(asked: Commitment):
    return record.Support(
        department=asked.department,
        what=asked.what,
        needed_by=asked.due_date,
        state=asked.state,
        promised_date=asked.promised_date,
        answer=asked.words,
    )


def _communication(row: Communication, rows):
    participants = rows.lines["participant", row.pk]
    return record.Communication(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        participants=tuple(record.Person(line.text, line.more) for line in participants),
        purpose=row.purpose,
        method=row.method,
        topic=row.topic,
        conclusions=row.conclusions,
        action_items=tuple(
            record.ActionItem(rows.person(c.owner_id), c.what, c.due_date, c.state, c.words)
            for c in rows.commitments["action", row.pk]
        ),
        state=row.state,
        recorder=rows.person(row.recorder_id),
        recorded_at=row.recorded_at,
        late_seconds=_seconds(row.late_by),
    )


def _issue(row: Issue, rows):
    return record.Issue(
        position=row.position,
        description=row.description,
        subtask=row.subtask.name if row.subtask else "",
        occurred_at=row.occurred_at,
        department=row.department.name,
        cause=row.cause,
        attempts=rows.texts("attempt", row),
        grade=row.grade,
        owner=rows.person(row.owner_id),
        next_date=row.next_date,
        recorded_by=rows.person(row.recorded_by_id),
        recorded_at=row.recorded_at,
        reported_at=row.reported_at,
        reported_late_seconds=_seconds(row.reported_late_by),
        rounds=tuple(_round(solution, rows) for solution in rows.solutions[row.pk]),
        state=row.state,
        closed_by=rows.person(row.closed_by_id),
        closed_at=row.closed_at,
    )


def _round(row: Solution, rows):
    return record.Round(
        measures=tuple(
            record.Measure(c.what, rows.person(c.owner_id), c.due_date)
            for c in rows.commitments["measure", row.pk]
        ),
        due_date=row.due_date,
        department=row.department.name,
        owner=rows.person(row.owner_id),
        meeting=row.meeting.topic if row.meeting else "",
        decided_at=row.decided_at,
        result=row.result,
        result_text=row.result_text,
        next_step=row.next_step,
        next_date=row.next_date,
        return_reason=row.return_reason,
    )


def _summary(rows):
    task, review, sign_off = rows.task, rows.review, rows.sign_off
    lessons = rows.lines["lesson", review.pk] if review else []
    return record.Summary(
        meeting=review.meeting.topic if review and review.meeting else "",
        text=review.summary if review else "",
        target_results=tuple(_target_result(row) for row in rows.targets),
        keep=tuple(line.text for line in lessons if line.more == LessonKind.KEEP),
        improve=tuple(line.text for line in lessons if line.more == LessonKind.IMPROVE),
        archived_at=task.ended_at if task.stage == Stage.ARCHIVED else None,
        signed_by=sign_off.signer_name if sign_off else "",
        signed_at=sign_off.signed_at if sign_off else None,
        missing=tuple(
            record.Missing(m["kind"], m["count"], tuple(m["names"]))
            for m in (sign_off.missing if sign_off else [])
        ),
        missing_reason=sign_off.reason if sign_off else "",
    )


def _target_result(row):
    result = getattr(row, "result", None)
    return record.TargetResult(
        target=_target(row),
        number=result.number if result else None,
        reached=result.reached if result else "",
        note=result.note if result else "",
    )


def _seconds(duration) -> int | None:
    return None if duration is None else round(duration.total_seconds())
