from django.urls import path

from dashboards import department, departments, duties, home, plan_chart, workload
from dashboards.due.views import DuePage

app_name = "dashboards"

urlpatterns = [
    path("here/", home.here, name="here"),
    path("calendar/", DuePage.as_view(), name="due"),
    path("overview/departments/", departments.DepartmentRates.as_view(), name="department_rates"),
    path("overview/duties/", duties.DutyList.as_view(), name="duty_list"),
    path("departments/<int:pk>/work/", department.DepartmentWork.as_view(), name="department_work"),
    path("workload/", workload.Workload.as_view(), name="workload"),
    path("tasks/<int:task_pk>/chart/", plan_chart.PlanChart.as_view(), name="plan_chart"),
]
