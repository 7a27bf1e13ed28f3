from django.urls import path

from weekly.views import paper, progress, sending, week

app_name = "weekly"
urlpatterns = [
    # One person's week: every subtask of theirs in one form (R16).
    path("my-week/", progress.MyWeek.as_view(), name="my_week"),
    # A week of a task, and its roll-up (R17).
    path("tasks/<int:task_pk>/weeks/", week.WeekPage.as_view(), name="week"),
    path("tasks/<int:task_pk>/weeks/pdf/", paper.WeekPdf.as_view(), name="pdf"),
    path("tasks/<int:task_pk>/weeks/send/", sending.WeekSend.as_view(), name="send"),
    path("readings/<int:pk>/confirm/", week.reading_confirm, name="reading_confirm"),
]
