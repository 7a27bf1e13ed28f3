from django.urls import path

from issues import views

app_name = "issues"
urlpatterns = [
    path("tasks/<int:task_pk>/issues/", views.IssueList.as_view(), name="issue_list"),
    path("tasks/<int:task_pk>/issues/new/", views.IssueCreate.as_view(), name="issue_create"),
    path("issues/<int:pk>/", views.IssueDetail.as_view(), name="issue_detail"),
    path("issues/<int:pk>/edit/", views.IssueEdit.as_view(), name="issue_edit"),
    path("issues/<int:pk>/attempts/new/", views.AttemptAdd.as_view(), name="attempt_add"),
    path("issues/<int:pk>/grade/", views.IssueGrade.as_view(), name="issue_grade"),
    path("issues/<int:pk>/report/", views.IssueReport.as_view(), name="issue_report"),
    path(
        "escalations/<int:pk>/acknowledge/",
        views.EscalationAcknowledge.as_view(),
        name="escalation_acknowledge",
    ),
    # The loop: solution, result, check.
    path("issues/<int:pk>/solve/", views.SolutionRecord.as_view(), name="solution_record"),
    path("issues/<int:pk>/answer/", views.SolutionAnswer.as_view(), name="solution_answer"),
    path("issues/<int:pk>/close/", views.issue_close, name="issue_close"),
    path("issues/<int:pk>/return/", views.IssueReturn.as_view(), name="issue_return"),
]
