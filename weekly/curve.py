"""The course of a task, planned and actual, week by week: its S-curve.

Each subtask counts alike, as in the figures of a report (weekly.report.figures).
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Prefetch, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from coordination.charts import Chart, Kind, Series
from deadlines.policies import week_of
from deadlines.terms import Terms
from tasks.choices import SubtaskState
from tasks.models import Plan, ProgressUpdate, Subtask
from tasks.policies import WEEK, weeks_of_work
from tasks.services.planning import current_plan
from weekly.report import Point, mean

MOST_WEEKS = 156
"""Three years; of a longer task the last ones."""


def with_course(subtasks: QuerySet) -> QuerySet:
    """Subtasks with all that their course is made of: two statements more, however many."""
    plans = Prefetch("plans", Plan.objects.order_by("number"))
    return subtasks.prefetch_related(
        plans, Prefetch("progress", ProgressUpdate.objects.order_by("week"))
    )


def curve_of(subtasks: Iterable[Subtask], terms: Terms, until: dt.date | None = None) -> Chart:
    """The chart of a task's course, of its live subtasks `with_course`; empty when there are none.

    `until`: the Monday of the last week whose actual progress is shown; otherwise this week.
    """
    points = course_of(subtasks, terms, until or week_of(terms.today))
    return Chart(
        kind=Kind.CURVE,
        title=_("Planned and actual progress of the task"),
        heading=_("Week of"),
        labels=tuple(date_format(point.week, "SHORT_DATE_FORMAT") for point in points),
        series=(
            Series(_("planned"), tuple(point.planned for point in points), "planned"),
            Series(_("actual"), tuple(point.actual for point in points), "actual"),
        ),
        unit="%",
    )


def course_of(subtasks: Iterable[Subtask], terms: Terms, until: dt.date) -> list[Point]:
    """Every week from the first start to the last due date, and on to `until` where work goes on.

    What nobody has reported is left out of the actual mean; where nobody has, there is a gap.
    """
    subtasks = list(subtasks)
    if not subtasks:
        return []
    last = max(s.due_date for s in subtasks)
    if any(s.state == SubtaskState.OPEN for s in subtasks):
        last = max(last, until)
    weeks = weeks_of_work(min(s.start_date for s in subtasks), last)[-MOST_WEEKS:]
    plans = [current_plan(subtask) for subtask in subtasks]
    return [
        Point(
            week=week,
            planned=mean(plan.percent_in(week) for plan in plans),
            actual=_actual(subtasks, week, terms) if week <= until else None,
        )
        for week in weeks
    ]


def _actual(subtasks, week, terms) -> int | None:
    known = [_reported(subtask, week, terms) for subtask in subtasks]
    return mean(percent for percent in known if percent is not None)


def _reported(subtask, week, terms) -> int | None:
    """How far a subtask was at the end of a week, as last reported; None when nobody ever had."""
    if subtask.done_at and terms.local_day(subtask.done_at) < week + WEEK:
        return 100
    reported = [update.actual for update in subtask.progress.all() if update.week <= week]
    if reported:
        return reported[-1]
    return 0 if subtask.start_date >= week + WEEK else None
