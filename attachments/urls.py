from django.urls import path

from attachments import views

app_name = "attachments"
urlpatterns = [
    path("tasks/<int:task_pk>/files/", views.FileList.as_view(), name="file_list"),
    # To a task or a part of it: "issue-12".
    path("files/to/<slug:key>/", views.Attach.as_view(), name="attach"),
    path("files/<int:pk>/", views.file_download, name="file_download"),
    path("files/<int:pk>/withdraw/", views.file_withdraw, name="file_withdraw"),
]
