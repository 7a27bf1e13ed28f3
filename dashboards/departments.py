"""How the departments that a person sees keep their word, side by side."""

from dataclasses import dataclass

import django_filters
from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET
from django.views.generic import TemplateView

from accounts.models import Department
from coordination.pages import page_along, whole_number
from dashboards.duties import months_to_choose
from dashboards.rates import (
    GROUPS,
    Cell,
    History,
    Month,
    Rate,
    last_weeks,
    rates_by_department,
    rules,
)
from dashboards.seen import departments_seen
from dashboards.sheets import download, headline, workbook
from deadlines.models import Deadline
from deadlines.terms import Terms
from records.layout import Percent


class MonthFilter(django_filters.FilterSet):
    month = django_filters.ChoiceFilter(
        method="leave",
        label=_("Month"),
        empty_label=_("The last 12 weeks"),
        choices=months_to_choose,
    )

    class Meta:
        model = Department
        fields = ["month"]

    def leave(self, departments, _name, _month):
        """The departments are the same in every month; their rates are not."""
        return departments

    def in_words(self) -> str:
        if self.chosen:
            return date_format(self.chosen.first, "YEAR_MONTH_FORMAT")
        return gettext("The last 12 weeks")

    @property
    def chosen(self) -> Month | None:
        code = self.form.is_valid() and self.form.cleaned_data["month"]
        return Month.read(code) if code else None


@dataclass(frozen=True)
class Row:
    """One department: the rate of each group, and how much of what it owes is overdue now."""

    department: Department
    cells: list[Cell]
    overdue: int


class DepartmentRates(TemplateView):
    template_name = "dashboards/department_rates.html"

    def get_context_data(self, **kwargs):
        terms = Terms.current(timezone.now())
        chosen = MonthFilter(self.request.GET, departments_seen(self.request.user))
        departments, after = page_along(chosen.qs, self.request, {"pk": whole_number})
        everywhere = departments_seen(self.request.user).values("pk")
        return super().get_context_data(
            nav="overview",
            tab="departments",
            filter=chosen,
            rows=rows_of(departments, chosen.chosen, terms),
            after=after,
            history=History(everywhere, terms.today),
            names=[name for name, _kinds in GROUPS.values()],
            rules=rules(),
            **kwargs,
        )


@require_GET
def department_rates_file(request):
    """The rates of all departments that the person sees, in the chosen month, as a workbook."""
    terms = Terms.current(timezone.now())
    chosen = MonthFilter(request.GET, departments_seen(request.user))
    rows = rows_of(list(chosen.qs.order_by("pk")), chosen.chosen, terms)
    words = [chosen.in_words()]
    title = headline(gettext("How departments keep their word"), words, request.user, terms)
    file = workbook(gettext("Departments"), title, _columns(), map(_line, rows))
    return download(file, f"departments-{terms.today.isoformat()}.xlsx")


def _columns() -> dict[str, int]:
    """The department, then for each group how many were kept, of how many, in percent."""
    columns = {gettext("Department"): 20}
    for name, _kinds in GROUPS.values():
        columns |= {
            str(name): 12,
            gettext("%(duties)s: kept in time") % {"duties": name}: 12,
            gettext("%(duties)s: fell due") % {"duties": name}: 12,
        }
    return columns | {gettext("Overdue now"): 12}


def _line(row: Row) -> list:
    values = [str(row.department)]
    for cell in row.cells:
        percent = cell.rate.percent
        values += [None if percent is None else Percent(percent), cell.rate.kept, cell.rate.due]
    return [*values, row.overdue]


def rows_of(departments, month: Month | None, terms: Terms) -> list[Row]:
    """The departments with their rates in a month, or over the last weeks; two statements."""
    weeks = month.weeks if month else last_weeks(terms.today)
    rates = rates_by_department(departments, weeks[0], weeks[-1])
    overdue = _overdue(departments, terms.now)
    return [
        Row(
            department,
            [Cell(g, rates.get((g, department.pk), Rate()), month=month) for g in GROUPS],
            overdue.get(department.pk, 0),
        )
        for department in departments
    ]


def _overdue(departments, now) -> dict[int, int]:
    late = Deadline.objects.overdue(now).filter(department__in=departments)
    return dict(late.values_list("department").annotate(Count("pk")).order_by())
