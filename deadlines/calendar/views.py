"""The work calendar: everybody may look at it, administrators keep it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.views.organisation import HISTORY_AT_MOST, OrganisationPage
from audit.models import Event
from coordination.forms import WithinReach
from coordination.pages import ActPage
from deadlines.calendar import services, years_without_data
from deadlines.calendar.forms import DayForm, DaysForm
from deadlines.calendar.months import HEADS, months_of
from deadlines.models import CalendarDay, CalendarYear
from deadlines.permissions import CALENDAR


class CalendarPage(OrganisationPage, ActPage):
    """One year, the current one when none is named. Its form enters days."""

    template_name = "deadlines/calendar.html"
    form_class = DaysForm
    tab = "calendar"

    def load(self):
        self.today = timezone.localdate()
        self.year = reachable(self.kwargs.get("year", self.today.year))

    def post(self, request, *args, **kwargs):
        CALENDAR.require(request.user, "edit", None)
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        days = list(CalendarDay.objects.filter(date__year=self.year))
        may_edit = CALENDAR.allows(self.request.user, "edit", None)
        return super().get_context_data(
            year=self.year,
            years=[y for y in range(self.year - 2, self.year + 3) if WithinReach.holds(y)],
            is_complete=CalendarYear.objects.filter(year=self.year, is_complete=True).exists(),
            heads=HEADS,
            months=months_of(self.year, days, self.today),
            days=days,
            may_edit=may_edit,
            years_without_data=years_without_data(self.today) if may_edit else [],
            events=history_of(self.year)[:HISTORY_AT_MOST],
            **kwargs,
        )

    def act(self, form, now):
        days = services.set_days(by=self.request.user, now=now, **form.cleaned_data)
        words = ngettext("%(number)d day is entered.", "%(number)d days are entered.", len(days))
        messages.success(self.request, words % {"number": len(days)})
        return page_of(days[0].date.year)


class DayEdit(OrganisationPage, ActPage):
    template_name = "deadlines/calendar_day.html"
    form_class = DayForm
    tab = "calendar"

    def load(self):
        CALENDAR.require(self.request.user, "edit", None)
        self.day = get_object_or_404(CalendarDay, pk=self.kwargs["pk"])

    def get_initial(self):
        return {name: getattr(self.day, name) for name in ("is_working", "name", "version")}

    def get_context_data(self, **kwargs):
        return super().get_context_data(day=self.day, **kwargs)

    def act(self, form, now):
        services.edit_day(day=self.day, by=self.request.user, now=now, **form.cleaned_data)
        messages.success(self.request, _("The changes are saved."))
        return page_of(self.day.date.year)


@require_POST
def day_remove(request, pk):
    day = get_object_or_404(CalendarDay, pk=pk)
    services.remove_day(day=day, by=request.user, now=timezone.now())
    messages.success(request, _("%(day)s is removed from the calendar.") % {"day": day})
    return redirect(page_of(day.date.year))


@require_POST
def year_confirm(request, year):
    services.confirm_year(year=reachable(year), by=request.user, now=timezone.now())
    messages.success(request, _("The official days of %(year)s are entered.") % {"year": year})
    return redirect(page_of(year))


@require_POST
def year_reopen(request, year):
    services.reopen_year(year=reachable(year), by=request.user, now=timezone.now())
    messages.success(request, _("The days of %(year)s are no longer complete.") % {"year": year})
    return redirect(page_of(year))


def reachable(year: int) -> int:
    """A year that forms take days of; Http404 for any other."""
    if not WithinReach.holds(year):
        raise Http404
    return year


def page_of(year: int) -> str:
    return reverse("deadlines:calendar_year", args=[year])


def history_of(year: int):
    """What was done to a year and its days, newest first: their names in history begin with it."""
    subjects = [model._meta.label_lower for model in (CalendarDay, CalendarYear)]
    return Event.objects.filter(subject_type__in=subjects, subject_label__startswith=str(year))
