"""The plan of a task as a chart: who does what from when to when, and who waits for whom."""

import datetime as dt
from itertools import chain

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from coordination.words import listing
from dashboards import gantt
from deadlines.terms import Terms
from tasks.choices import PENDING, PROMISED, SubtaskState, SupportState
from tasks.models import SupportRequest
from tasks.pages import TaskPage
from tasks.policies import lags, planned_by_now
from tasks.services.planning import current_plan
from weekly.curve import curve_of, with_course

AT_MOST = 300
"""Subtasks on the page; a task of more is said to have more."""
SHOWS = ("all", "open", "late")
TROUBLE = ("late", "behind")
# Support with a promised date, given or not.
DATED = (*PROMISED, SupportState.DELIVERED)


class PlanChart(TaskPage, TemplateView):
    """`?department=` and `?show=open|late` leave out the rest."""

    template_name = "dashboards/plan_chart.html"
    tab = "chart"

    def get_context_data(self, **kwargs):
        terms = Terms.current(timezone.now())
        found = list(_subtasks_of(self.task)[: AT_MOST + 1])
        rows = list(chain.from_iterable(_rows(subtask, terms) for subtask in found[:AT_MOST]))
        show = self._show()
        shown = [row for row in rows if self._is_asked(row, show)]
        departments = sorted({row.group for row in rows})
        ordered = sorted(shown, key=self._place)
        return super().get_context_data(
            plan=gantt.lay_out(ordered, today=terms.today, is_working=terms.calendar.is_working),
            rows=ordered,
            departments=departments,
            department=self.request.GET.get("department", ""),
            show=show,
            is_filtered=len(shown) < len(rows),
            today=terms.today,
            curve=curve_of(found[:AT_MOST], terms),
            at_most=AT_MOST if len(found) > AT_MOST else None,
            **kwargs,
        )

    def _place(self, row):
        """The initiating department first; in each what begins first."""
        return row.group != str(self.task.department), row.group, row.first, row.last, row.key

    def _show(self):
        asked = self.request.GET.get("show", "")
        return asked if asked in SHOWS else "all"

    def _is_asked(self, row, show):
        department = self.request.GET.get("department", "")
        if department and row.group != department:
            return False
        return show == "all" or row.look in TROUBLE or (show == "open" and row.look != "done")


def _subtasks_of(task):
    """The live subtasks with their course and what they need, in four statements."""
    support = SupportRequest.objects.exclude(
        state__in=[SupportState.CANCELLED, SupportState.DECLINED]
    ).select_related("department")
    subtasks = task.subtasks.live().select_related("department", "owner").order_by("pk")
    needed = Prefetch("support_requests", support, to_attr="support")
    return with_course(subtasks).prefetch_related(needed)


def _rows(subtask, terms):
    yield _subtask_row(subtask, terms)
    for request in subtask.support:
        yield _support_row(request, subtask, terms)


def _subtask_row(subtask, terms) -> gantt.Row:
    report = next(reversed(subtask.progress.all()), None)
    done = subtask.state == SubtaskState.DONE
    late = 0 if done else max((terms.today - subtask.due_date).days, 0)
    percent = 100 if done else report and report.actual
    behind = 0 if done else _behind(subtask, report, terms)
    words = _subtask_words(done, percent, late, behind)
    return gantt.Row(
        key=f"subtask-{subtask.pk}",
        group=str(subtask.department),
        name=subtask.name,
        note=str(subtask.owner),
        link=subtask.get_absolute_url(),
        first=subtask.start_date,
        last=subtask.due_date,
        look="done" if done else "late" if late else "behind" if behind else "open",
        words=words,
        label=_label(subtask.name, subtask.owner, subtask.start_date, subtask.due_date, words),
        percent=percent,
        over=terms.today if late else None,
    )


def _behind(subtask, report, terms) -> int:
    """By how many percent points a subtask lags by now; 0 when it does not."""
    if report is None:
        return 0
    steps = current_plan(subtask).weeks
    planned, actual = planned_by_now(steps, report.week, terms.today), report.actual
    return planned - actual if lags(planned, actual, terms.organisation.tolerance) else 0


def _subtask_words(done, percent, late, behind) -> str:
    if done:
        return _("Done")
    known = _("no report yet") if percent is None else f"{percent}%"
    if behind and not late:
        return f"{known} · " + _("%(percent)d%% behind plan") % {"percent": behind}
    return _with_delay(known, late)


def _support_row(request, subtask, terms) -> gantt.Row:
    """What a department is asked for, on its own side: until when, and for which subtask."""
    due = request.promised_date if request.state in DATED else request.needed_by
    late = max((terms.today - due).days, 0) if request.state in PENDING else 0
    state = request.get_state_display()
    words = _with_delay(state, late)
    note = _("for “%(subtask)s”") % {"subtask": subtask.name}
    first = min(terms.local_day(request.asked_at), due)
    return gantt.Row(
        key=f"support-{request.pk}",
        group=str(request.department),
        name=request.what,
        note=note,
        link=subtask.get_absolute_url(),
        first=first,
        last=due,
        look="done" if request.delivered_at else "late" if late else "support",
        words=words,
        label=_label(request.what, note, first, due, words),
        over=terms.today if late else None,
        feeds=f"subtask-{subtask.pk}",
        is_milestone=True,
    )


def _with_delay(words: str, days: int) -> str:
    late = ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days}
    return f"{words} · {late}" if days else words


def _label(name, who, first: dt.date, last: dt.date, words) -> str:
    period = f"{date_format(first, 'SHORT_DATE_FORMAT')} – {date_format(last, 'SHORT_DATE_FORMAT')}"
    return listing([name, who, period, words])
