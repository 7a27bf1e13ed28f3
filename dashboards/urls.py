from django.urls import path

from dashboards import department, departments, duties, home, overview, plan_chart, workload
from dashboards.due.views import DuePage

app_name = "dashboards"

urlpatterns = [
    path("here/", home.here, name="here"),
    path("calendar/", DuePage.as_view(), name="due"),
    path("overview/", overview.Overview.as_view(), name="overview"),
    path("overview/tasks.xlsx", overview.overview_file, name="overview_file"),
    path("overview/escalations/", overview.EscalationList.as_view(), name="escalation_list"),
    path("overview/departments/", departments.DepartmentRates.as_view(), name="department_rates"),
    path(
        "overview/departments.xlsx",
        departments.department_rates_file,
        name="department_rates_file",
    ),
    path("overview/duties/", duties.DutyList.as_view(), name="duty_list"),
    path("departments/<int:pk>/work/", department.DepartmentWork.as_view(), name="department_work"),
    path("workload/", workload.Workload.as_view(), name="workload"),
    path("tasks/<int:task_pk>/chart/", plan_chart.PlanChart.as_view(), name="plan_chart"),
]
