"""Who has how much to do in the coming weeks: looked at before work is given to somebody."""

from django.db.models import Q
from django.utils import timezone
from django.views.generic import TemplateView

from accounts.models import User
from coordination.pages import whole_number
from dashboards.duties import told
from dashboards.load import LEVELS, Load, Week
from dashboards.places import lay_out
from dashboards.seen import departments_seen
from deadlines.terms import Terms

AT_MOST = 100
"""Departments or people on the page, and rows behind a number."""


class Workload(TemplateView):
    """`?department=` opens its people, `person=` one of them, `week=` the rows of a number."""

    template_name = "dashboards/workload.html"

    def get_context_data(self, **kwargs):
        terms, seen = Terms.current(timezone.now()), departments_seen(self.request.user)
        departments = list(seen[: AT_MOST + 1])
        department = self._department(departments)
        load = Load(self.request.user, [department] if department else seen, terms)
        people = list(_people(department, load)) if department else []
        person = self._asked("person", people)
        week = self._week(load.weeks)
        subjects = ([person] if person else people) if department else departments
        lines = load.of_people if department else load.of_departments
        return super().get_context_data(
            nav="overview",
            tab="workload",
            weeks=load.weeks,
            lines=lines(subjects[:AT_MOST]),
            at_most=AT_MOST if len(subjects) > AT_MOST else None,
            departments=departments,
            department=department,
            people=people,
            person=person,
            behind=week and self._behind(load, week, person, terms),
            levels=LEVELS,
            **kwargs,
        )

    def _department(self, departments):
        """The one that is asked for, or the only one there is."""
        return departments[0] if len(departments) == 1 else self._asked("department", departments)

    def _asked(self, name, among):
        """The one whose id the address has; nonsense asks for none."""
        try:
            asked = whole_number(self.request.GET.get(name, ""))
        except ValueError:
            return None
        return next((each for each in among if each.pk == asked), None)

    def _week(self, weeks) -> Week | None:
        asked = self.request.GET.get("week", "")
        return next((week for week in weeks if week.monday.isoformat() == asked), None)

    def _behind(self, load, week, person, terms) -> dict:
        subtasks, duties = load.behind(week, person, AT_MOST)
        return {
            "week": week,
            "today": terms.today,
            "subtasks": subtasks,
            "duties": [told(duty, terms.now) for duty in lay_out(duties, self.request.user)],
            "is_cut": AT_MOST in (len(subtasks), len(duties)),
        }


def _people(department, load):
    """Who belongs to the department, and who still has work of it."""
    belongs = Q(memberships__department=department, is_active=True)
    owes = Q(pk__in=load.subtasks.order_by().values("owner"))
    return User.objects.filter(belongs | owes).distinct()[: AT_MOST + 1]
