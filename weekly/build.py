"""Reads a week of a task into one value (weekly.report.Report), in a dozen statements."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from django.db.models import F, OuterRef, Q, Subquery

from audit.models import Event
from communications.models import ActionItem, Communication, CommunicationState
from deadlines.policies import late_by, log_due, wall_clock
from deadlines.terms import Terms
from issues.choices import IssueState
from issues.models import Issue, Solution
from tasks import policies
from tasks.choices import PENDING, SubtaskState
from tasks.models import ProgressUpdate, SupportRequest, Task
from tasks.policies import WEEK
from weekly.models import EarlyWarning, WeeklyReport
from weekly.report import (
    AT_WORK,
    DONE,
    TO_BEGIN,
    Alert,
    Change,
    FieldChange,
    Figures,
    Item,
    Point,
    Problem,
    Promise,
    Report,
    Row,
    Talk,
    in_order,
    read,
    waited_for,
)

AT_MOST = 200
"""So many rows of each part; a week that has more is read where they are kept."""

WEEKS_BACK = 3

SOLVING = (IssueState.SOLVING, IssueState.ANSWERED)

# What a reader of the week is told of, as far as it was changed in it.
TOLD = (
    "subtask.taken_on",
    "subtask.edited",
    "subtask.cancelled",
    "subtask.finished",
    "subtask.reopened",
    "plan.changed",
    "task.revised",
    "task.resume",
    "support.rescheduled",
    "support.declined",
)
# Of those, what is named with its values.
NAMED = ("start_date", "due_date", "end_date", "promised_date", "owner", "planned", "title")


def build(task: Task, week: dt.date, terms: Terms, before: Figures | None = None) -> Report:
    """The week that begins on `week` as it stands now, without the initiator's words.

    `before` are the figures of the week before, as `figures_before` reads them.
    """
    reader = _Week(task, week, terms)
    return Report(
        number=task.number or "",
        title=task.title,
        department=task.department.name,
        initiator=task.initiator.name,
        week=week,
        as_of=terms.now,
        tolerance=reader.tolerance,
        rows=in_order(reader.rows()),
        talks=tuple(reader.talks()),
        items=tuple(reader.items()),
        problems=tuple(reader.problems()),
        promises=tuple(reader.promises()),
        changes=tuple(reader.changes()),
        alerts=tuple(reader.alerts()),
        before=before,
    )


def figures_before(task: Task, week: dt.date) -> Figures | None:
    """The figures of the last report of the week before, in one statement."""
    reports = WeeklyReport.objects.filter(sync__task=task, sync__week=week - WEEK)
    last = reports.order_by("number").last()
    return read(last.content).figures if last else None


class _Week:
    """What is read of one week. Each method asks for one part."""

    def __init__(self, task, week, terms):
        self.task, self.week, self.terms = task, week, terms
        self.sunday = week + WEEK - dt.timedelta(days=1)
        self.begin = wall_clock(week, dt.time(0), terms.zone)
        self.end = wall_clock(week + WEEK, dt.time(0), terms.zone)
        self.today = min(terms.today, week + WEEK)
        """The day on which lateness is judged: the one after the week at the latest."""
        self.tolerance = terms.organisation.tolerance
        self.is_over = terms.today > self.sunday
        """Before its end a week is judged by what was reported, and by the week before."""

    def rows(self) -> Iterable[Row]:
        subtasks = list(self._subtasks())
        known = self._known(subtasks)
        return [self._row(subtask, known[subtask.pk]) for subtask in subtasks]

    def _subtasks(self):
        """Each with the steps of its plan and how often its due date was moved."""
        live = self.task.subtasks.live().with_plan()
        return live.select_related("department", "owner").order_by("pk")[:AT_MOST]

    def _known(self, subtasks):
        """The updates of each subtask up to this week, oldest first."""
        updates = ProgressUpdate.objects.filter(subtask__in=subtasks, week__lte=self.week)
        found = defaultdict(list)
        for update in updates.select_related("waits_for__department").order_by("week"):
            found[update.subtask_id].append(update)
        return found

    def _row(self, subtask, updates):
        last = updates[-1] if updates else None
        current = last if last and last.week == self.week else None
        standing = self._standing(subtask)
        steps = subtask.steps or policies.linear_plan(subtask.start_date, subtask.due_date)
        planned = current.planned if current else policies.planned_in(steps, self.week)
        actual = 100 if standing == DONE else last.actual if last else self._unreported(standing)
        judged = current or self.is_over
        by_now = planned if judged else policies.planned_in(steps, self.week - WEEK)
        overdue = standing == AT_WORK and subtask.due_date < self.today
        return Row(
            subtask=subtask.pk,
            name=subtask.name,
            department=subtask.department.name,
            owner=subtask.owner.name,
            start=subtask.start_date,
            due=subtask.due_date,
            standing=standing,
            planned=planned,
            actual=actual,
            reported=current is not None,
            lagging=policies.lags(by_now, actual, self.tolerance, overdue=overdue),
            cause=current.cause if current else "",
            reason=current.reason if current else "",
            waits_for=_waits_for(current),
            expected_finish=last.expected_finish if last else None,
            next_steps=current.next_steps if current else "",
            moved=subtask.moved or 0,
            last_weeks=self._last_weeks(subtask, steps, updates, actual),
        )

    def _standing(self, subtask):
        done = subtask.state == SubtaskState.DONE
        if done and self.terms.local_day(subtask.done_at) <= self.sunday:
            return DONE
        return TO_BEGIN if subtask.start_date > self.sunday else AT_WORK

    @staticmethod
    def _unreported(standing):
        """Nothing is known of what nobody reported; what has not begun stands at 0."""
        return 0 if standing == TO_BEGIN else None

    def _last_weeks(self, subtask, steps, updates, actual):
        by_week = {update.week: update for update in updates}
        points = []
        for back in range(WEEKS_BACK, -1, -1):
            week = self.week - back * WEEK
            update = by_week.get(week)
            known = [u.actual for u in updates if u.week <= week]
            points.append(
                Point(
                    week=week,
                    planned=update.planned if update else policies.planned_in(steps, week),
                    actual=actual if not back else known[-1] if known else None,
                )
            )
        first = subtask.start_date - WEEK
        return tuple(point for point in points if point.week > first)

    def talks(self) -> Iterable[Talk]:
        """What ended in the week and was not cancelled."""
        found = (
            Communication.objects.filter(
                task=self.task, ends_at__gte=self.begin, ends_at__lt=self.end
            )
            .exclude(state=CommunicationState.CANCELLED)
            .filter(ends_at__lte=self.terms.now)
            .annotate(party=F("participants__department_name"))
            .order_by("ends_at", "pk", "participants__position")
        )
        rows = [list(group) for _pk, group in groupby(found[: 10 * AT_MOST], lambda t: t.pk)]
        return [self._talk(group[0], [talk.party for talk in group]) for group in rows]

    def _talk(self, talk, parties):
        late = talk.late_by
        if talk.state != CommunicationState.LOGGED:
            late = late_by(log_due(talk.ends_at), self.terms.now)
        return Talk(
            communication=talk.pk,
            topic=talk.topic,
            ended_at=talk.ends_at,
            departments=tuple(dict.fromkeys(filter(None, parties))),
            state=talk.state_at(self.terms.now),
            late_by=int(late.total_seconds()) or 1 if late else None,
            conclusions=talk.conclusions,
        )

    def items(self) -> Iterable[Item]:
        """Open ones due by the end of next week, and what was done this week."""
        soon = Q(state="open", due_date__lte=self.sunday + WEEK)
        done = Q(state="done", done_at__gte=self.begin, done_at__lt=self.end)
        found = ActionItem.objects.filter(soon | done, task=self.task).select_related("owner")
        return [
            Item(
                what=item.what,
                owner=item.owner.name,
                due=item.due_date,
                is_late=item.state == "open" and item.due_date < self.today,
                done_on=self.terms.local_day(item.done_at) if item.done_at else None,
                communication=item.communication_id,
            )
            for item in found.order_by("due_date", "pk")[:AT_MOST]
        ]

    def problems(self) -> Iterable[Problem]:
        """Open ones, and those opened or closed in the week."""
        closed = Q(closed_at__gte=self.begin, closed_at__lt=self.end)
        begun = Issue.objects.filter(task=self.task, recorded_at__lt=self.end)
        found = begun.filter(Q(closed_at=None) | Q(closed_at__gte=self.end) | closed)
        rounds = Solution.objects.filter(issue=OuterRef("pk")).order_by("-round")
        found = found.select_related("department", "owner").annotate(
            solver=Subquery(rounds.values("owner__name")[:1])
        )
        return [self._problem(issue) for issue in found.order_by("position")[:AT_MOST]]

    def _problem(self, issue):
        closed = issue.closed_at and issue.closed_at < self.end
        return Problem(
            issue=issue.pk,
            number=issue.position,
            description=issue.description,
            grade=issue.grade,
            state=issue.state,
            department=issue.department.name,
            responsible=issue.solver if issue.state in SOLVING else issue.owner.name,
            opened_on=self.terms.local_day(issue.recorded_at),
            next_date=issue.next_date,
            is_late=not closed and issue.next_date < self.today,
            closed_on=self.terms.local_day(issue.closed_at) if closed else None,
        )

    def promises(self) -> Iterable[Promise]:
        """Support that open subtasks still wait for."""
        found = SupportRequest.objects.filter(
            subtask__task=self.task,
            subtask__state=SubtaskState.OPEN,
            state__in=PENDING,
            asked_at__lt=self.end,
        ).select_related("department", "subtask")
        return [
            Promise(
                request=request.pk,
                subtask=request.subtask_id,
                subtask_name=request.subtask.name,
                what=request.what,
                department=request.department.name,
                state=request.state,
                needed_by=request.needed_by,
                promised=request.promised_date,
                is_late=(request.promised_date or request.needed_by) < self.today,
            )
            for request in found.order_by("needed_by", "pk")[:AT_MOST]
        ]

    def changes(self) -> Iterable[Change]:
        """What the history says of the week's shifts: dates, owners, promises."""
        events = Event.objects.filter(
            task_id=self.task.pk, at__gte=self.begin, at__lt=self.end, action__in=TOLD
        )
        if self.task.confirmed_at:
            events = events.filter(at__gte=self.task.confirmed_at)
        return [self._change(event) for event in events.order_by("at", "pk")[:AT_MOST]]

    def _change(self, event):
        named = {name: pair for name, pair in event.changes.items() if name in NAMED}
        return Change(
            at=event.at,
            who=event.actor_name,
            action=event.action,
            subject=event.subject_label,
            fields=tuple(
                FieldChange(name, str(old or ""), str(new or ""))
                for name, (old, new) in named.items()
            ),
            reason=event.reason,
            times=event.changes.get("moved", (0, 0))[1],
        )

    def alerts(self) -> Iterable[Alert]:
        found = EarlyWarning.objects.filter(task=self.task).open().select_related("subtask")
        return [
            Alert(
                rule=warning.rule,
                subtask=warning.subtask_id,
                subtask_name=warning.subtask.name if warning.subtask else "",
                since=self.terms.local_day(warning.raised_at),
            )
            for warning in found.order_by("pk")[:AT_MOST]
        ]


def _waits_for(update):
    request = update.waits_for if update else None
    return waited_for(request.department.name, request.what) if request else ""
