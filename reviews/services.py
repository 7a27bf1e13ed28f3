"""Writes the review of a task: what was reached, what was learned (R25)."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit import history
from communications.models import CommunicationState
from coordination.errors import DomainError
from deadlines.services import keep_duties, tell
from reviews import permissions
from reviews.models import Lesson, LessonKind, Reached, Review, TargetResult
from tasks.services.assignment import OtherTask
from tasks.services.shared import lock_task, people_concerned
from tasks.workflow import WORK_OPEN


class MeetingNotLogged(DomainError):
    code = "meeting_not_logged"
    message = _("Choose a communication of this task whose log is complete.")


class NothingWritten(DomainError):
    code = "nothing_written"
    message = _("Write down at least one thing: a result, a lesson, the summary or the meeting.")


@transaction.atomic
def write_review(
    *, task, by, now, version, summary="", meeting=None, results=(), lessons=()
) -> Review:
    """Writes the whole review at once; a first one and every later one leave a history entry.

    `results` are {"target", "reached", "number", "note"}, one for each target that was judged;
    `lessons` are {"kind", "text"} in order. `version` is that of the review the person had
    opened, 0 when there was none; a stale one raises EditedMeanwhile and writes nothing.
    """
    task = lock_task(task, stages=WORK_OPEN)
    permissions.REVIEW.require(by, "write", task)
    _check(task, meeting, results)
    review, is_new = _open(task, by, now)
    if version != review.version:
        history.change(review, "review.written", by=by, now=now, version=version)
    changes = _write_results(review, results) | _write_lessons(review, lessons)
    event = history.change(
        review,
        "review.written",
        by=by,
        now=now,
        version=version,
        extra=changes,
        summary=summary.strip(),
        meeting=meeting,
    )
    if event is None and is_new:
        raise NothingWritten
    if event:
        keep_duties(task, now=now)
        people, link = people_concerned(task), review.get_absolute_url()
        tell(event=event, people=people, link=link, now=now, task=task)
    return review


def _check(task, meeting, results):
    if meeting and (meeting.task_id, meeting.state) != (task.pk, CommunicationState.LOGGED):
        raise MeetingNotLogged(field="meeting")
    if any(result["target"].task_id != task.pk for result in results):
        raise OtherTask


def _open(task, by, now):
    """The review, or an empty one of version 0 that its first change makes version 1."""
    return Review.objects.get_or_create(
        task=task, defaults={"written_by": by, "written_at": now, "version": 0}
    )


def _write_results(review, results):
    """Makes the results what is wanted; returns {judgement: (old lines, new lines)}."""
    before = _lines_of_results(review)
    review.target_results.all().delete()
    TargetResult.objects.bulk_create(TargetResult(review=review, **result) for result in results)
    return _differences(before, _lines_of_results(review))


def _write_lessons(review, lessons):
    """Makes the lessons what is wanted, in that order; returns {kind: (old lines, new lines)}."""
    before = _lines_of_lessons(review)
    review.lessons.all().delete()
    Lesson.objects.bulk_create(
        Lesson(review=review, position=position, kind=lesson["kind"], text=lesson["text"].strip())
        for position, lesson in enumerate(lessons, start=1)
    )
    return _differences(before, _lines_of_lessons(review))


def _lines_of_results(review):
    results = list(review.target_results.select_related("target"))
    return {kind: [r.line for r in results if r.reached == kind] for kind in Reached.values}


def _lines_of_lessons(review):
    lessons = list(review.lessons.all())
    return {kind: [x.text for x in lessons if x.kind == kind] for kind in LessonKind.values}


def _differences(before, after):
    return {kind: (before[kind], after[kind]) for kind in before if before[kind] != after[kind]}
